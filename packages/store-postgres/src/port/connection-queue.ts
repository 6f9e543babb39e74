import { HelixError } from '@helix-agents/core';
import { cancelStatement } from './cancel-statement.ts';
import type { PgClient, PgPool } from './pg-pool.ts';

interface Waiter {
  readonly got: (client: PgClient) => void;
  readonly failed: (error: unknown) => void;
}

type Pool = Pick<PgPool, 'Client' | 'connect' | 'ending' | 'options' | 'waitingCount'>;

/** As many as a pool has where it does not say. */
const usualSize = 10;

/**
 * Asks a pool for connections, no more at a time than it has. pg's pool keeps those who wait in a queue that nobody can leave: whoever
 * gave up would stand there for as long as an outage lasts, in front of the application's own queries. Here one can leave.
 */
export class ConnectionQueue {
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #waiting = new Set<Waiter>();
  #asking = 0;
  #kept: PgClient[] = [];

  constructor(pool: Pool, timeoutMs: number) {
    this.#pool = pool;
    this.#timeoutMs = timeoutMs;
  }

  /** A connection that came back and has not gone to the pool yet. */
  kept(): PgClient | undefined {
    return this.#kept.pop();
  }

  /**
   * Gives a connection back. What the answer to a commit leads to is often the next commit: until all promises are through, the
   * connection is kept for that, since the way through the pool takes longer than all else that is done here. Not where others
   * wait for one.
   */
  release(client: PgClient): void {
    if (this.#pool.waitingCount || this.#waiting.size > 0) return client.release();
    if (this.#kept.push(client) === 1) process.nextTick(() => this.#releaseKept());
  }

  #releaseKept(): void {
    for (const client of this.#kept.splice(0)) client.release();
  }

  /** Has the server end the statement that a connection runs. Never rejects. */
  cancel(client: PgClient): Promise<void> {
    return cancelStatement(this.#pool, client).catch(() => {});
  }

  /** A connection, or a rejection in time; one that comes later goes back. */
  connect(): Promise<PgClient> {
    return new Promise((resolve, reject) => {
      let over = false;
      let timer: NodeJS.Timeout | undefined;
      // A connection that is idle comes before this: only who waits pays for a timer.
      const soon = setImmediate(() => (timer = setTimeout(giveUp, this.#timeoutMs)));
      const end = () => {
        clearImmediate(soon);
        clearTimeout(timer);
      };
      const waiter: Waiter = {
        got: (client) => {
          end();
          if (over) client.release();
          else resolve(client);
        },
        failed: (error) => {
          end();
          reject(error);
        },
      };
      const giveUp = () => {
        over = true;
        this.#waiting.delete(waiter);
        reject(new Error(`no connection in ${this.#timeoutMs} ms`));
      };
      if (this.#asking < (this.#pool.options?.max ?? usualSize)) void this.#ask(waiter);
      else this.#waiting.add(waiter);
    });
  }

  async #ask(waiter: Waiter): Promise<void> {
    this.#asking += 1;
    try {
      waiter.got(await this.#pool.connect());
    } catch (error) {
      waiter.failed(this.#pool.ending ? ended(error) : error);
    }
    this.#asking -= 1;
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    void this.#ask(next);
  }
}

/** No repetition brings a pool back. */
function ended(cause: unknown): HelixError {
  const message = 'the pool was ended while a store still used it: close the stores first';
  return new HelixError('state_store_unavailable', message, { cause, retryable: false });
}
