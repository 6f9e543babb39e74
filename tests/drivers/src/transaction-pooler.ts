import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { PooledClient, type ConnectionSource } from './pooled-client.ts';
import { ServerConnection } from './server-connection.ts';

/**
 * Stands between clients and a Postgres as PgBouncer does in transaction mode: a client has a connection of the server for one
 * transaction, and what it leaves there is found by whoever comes next. Connections take turns, so that two transactions of one
 * client meet the same as seldom as can be.
 */
export class TransactionPooler implements ConnectionSource {
  readonly #target: string;
  readonly #server: Server;
  readonly #all = new Set<ServerConnection>();
  readonly #free: ServerConnection[] = [];
  readonly #waiting: ((connection: ServerConnection) => void)[] = [];
  readonly #clients = new Map<number, PooledClient>();
  /** Connections that are on their way in place of others. */
  readonly #opening = new Set<Promise<void>>();
  #closed = false;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((socket) => {
      const client = new PooledClient(socket, this);
      this.#clients.set(client.processId, client);
      socket.on('close', () => this.#clients.delete(client.processId));
    });
  }

  /** @param size - How many connections of the server there are for all clients. */
  static async to(target: string, size: number): Promise<TransactionPooler> {
    const pooler = new TransactionPooler(target);
    for (let opened = 0; opened < size; opened += 1) await pooler.#open();
    pooler.#server.listen(0, '127.0.0.1');
    await once(pooler.#server, 'listening');
    return pooler;
  }

  get connectionString(): string {
    const url = new URL(this.#target);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#clients.size;
  }

  async acquire(): Promise<ServerConnection> {
    return this.#free.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(connection: ServerConnection): void {
    const next = this.#waiting.shift();
    if (next) next(connection);
    else this.#free.push(connection);
  }

  discard(connection: ServerConnection): void {
    this.#all.delete(connection);
    connection.close();
    if (this.#closed) return;
    const opening = this.#open().finally(() => this.#opening.delete(opening));
    this.#opening.add(opening);
  }

  cancel(processId: number): void {
    this.#clients.get(processId)?.cancel();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const client of this.#clients.values()) client.close();
    this.#server.close();
    await once(this.#server, 'close');
    // The server that they are opened to may be stopped next.
    await Promise.all(this.#opening);
    for (const connection of this.#all) connection.close();
  }

  async #open(): Promise<void> {
    const connection = await ServerConnection.open(this.#target);
    if (this.#closed) return connection.close();
    this.#all.add(connection);
    this.release(connection);
  }
}
