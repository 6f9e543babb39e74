import type { PgClient, PgPool } from './pg-pool.ts';

/** How long the request may take: the connection whose statement it ends is kept for that. */
const requestTimeoutMs = 2_000;

/** A statement had all its time. */
export class NoAnswer extends Error {
  constructor(timeoutMs: number) {
    super(`no answer in ${timeoutMs} ms`);
  }
}

/** Whether the server may still run what failed so: the time was over, ours or the one that the application gave its clients. */
export function mayStillRun(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof Error && error.message === 'Query read timeout');
}

/** The part of pg's `Client` that a request to cancel is made of. */
interface Canceller {
  readonly connection: { startup(): void; cancel(processID: number, secretKey: unknown): void };
  on(event: 'error', listener: () => void): unknown;
  connect(done: () => void): void;
}

/**
 * Asks the server to end the statement that a client runs: without that it waits on, takes one of the server's connections with
 * it, and may have its effect long after everybody gave it up. Such a request goes over a connection of its own, which the server
 * closes once it has it. Resolves then, or when that cannot be: a pooler, another driver or a dead network costs nothing more.
 */
export async function cancelStatement(pool: Pick<PgPool, 'Client' | 'options'>, client: PgClient): Promise<void> {
  const { processID, secretKey } = client as { processID?: unknown; secretKey?: unknown };
  if (!pool.Client || typeof processID !== 'number') return;
  const made = new pool.Client({ ...pool.options, connectionTimeoutMillis: requestTimeoutMs } as never);
  if (!isCanceller(made)) return;
  const { connection } = made;
  // pg's own way of opening, with its encryption: it says this where others say who they are.
  connection.startup = () => connection.cancel(processID, secretKey);
  made.on('error', () => {});
  await new Promise<void>((resolve) => made.connect(resolve));
}

function isCanceller(client: object): client is Canceller {
  const { connection } = client as Partial<Canceller>;
  return typeof connection?.startup === 'function' && typeof connection.cancel === 'function';
}
