import type { PgClient, PgPool } from './pg-adapter.ts';

interface Waiter {
  readonly got: (client: PgClient) => void;
  readonly failed: (error: unknown) => void;
}

/** As many as a pool has where it does not say. */
const usualSize = 10;

/**
 * Asks a pool for connections, no more at a time than it has. pg's pool keeps those who wait in a queue that nobody can leave: whoever
 * gave up would stand there for as long as an outage lasts, in front of the application's own queries. Here one can leave.
 */
export class ConnectionQueue {
  readonly #pool: Pick<PgPool, 'connect' | 'options'>;
  readonly #timeoutMs: number;
  readonly #waiting = new Set<Waiter>();
  #asking = 0;

  constructor(pool: Pick<PgPool, 'connect' | 'options'>, timeoutMs: number) {
    this.#pool = pool;
    this.#timeoutMs = timeoutMs;
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
      waiter.failed(error);
    }
    this.#asking -= 1;
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    void this.#ask(next);
  }
}
