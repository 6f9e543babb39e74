import type { Socket } from 'node:net';
import type { ServerConnection } from './server-connection.ts';
import { cancelRequest, letterOf, numbersMessage, WireMessages } from './wire-messages.ts';

/** What a client needs of its pooler. */
export interface ConnectionSource {
  /** A connection that is in no transaction. */
  acquire(): Promise<ServerConnection>;
  release(connection: ServerConnection): void;
  /** Takes a connection that nobody may use any more, since its client left it in a transaction. */
  discard(connection: ServerConnection): void;
  /** A client wants the statement of another one ended. */
  cancel(processId: number): void;
}

let clients = 0;

/**
 * A client of a transaction pooler. It holds a connection of the server from its first message on until the server is ready for the
 * next query, is in no transaction, and owes no answer.
 */
export class PooledClient {
  /** What it is told to be, and names when it wants a statement ended. */
  readonly processId = (clients += 1);
  readonly #socket: Socket;
  readonly #source: ConnectionSource;
  #connection: ServerConnection | undefined;
  #acquiring = false;
  #unsent: Buffer[] = [];
  /** How often the server has yet to say that it is ready. */
  #owed = 0;

  constructor(socket: Socket, source: ConnectionSource) {
    const messages = new WireMessages();
    this.#socket = socket;
    this.#source = source;
    socket.setNoDelay(true);
    socket.once('data', (piece) => {
      this.#begin(piece);
      socket.on('data', (next) => messages.take(next).forEach((message) => this.#ask(message)));
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#leave());
  }

  /** Has the server end the statement that it runs for this client. */
  cancel(): void {
    this.#connection?.cancel();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The first message has no letter. Whoever comes is let in; it is a test that knows this port. */
  #begin(piece: Buffer): void {
    const wanted = piece.readInt32BE(4);
    if (wanted !== cancelRequest) return void this.#socket.write(welcome(this.processId));
    this.#source.cancel(piece.readInt32BE(8));
    this.#socket.end();
  }

  #ask(message: Buffer): void {
    const letter = letterOf(message);
    if (letter === 'X') return void this.#socket.end();
    if (letter === 'Q' || letter === 'S') this.#owed += 1;
    if (this.#connection) return this.#connection.write(message);
    this.#unsent.push(message);
    if (!this.#acquiring) void this.#acquire();
  }

  async #acquire(): Promise<void> {
    this.#acquiring = true;
    const connection = await this.#source.acquire();
    this.#acquiring = false;
    if (this.#socket.destroyed) return this.#source.release(connection);
    this.#connection = connection;
    connection.onMessage = (message) => this.#answer(message);
    for (const message of this.#unsent.splice(0)) connection.write(message);
  }

  #answer(message: Buffer): void {
    this.#socket.write(message);
    if (letterOf(message) !== 'Z') return;
    this.#owed -= 1;
    const inTransaction = message.toString('latin1', 5) !== 'I';
    if (this.#owed > 0 || inTransaction || !this.#connection) return;
    const connection = this.#connection;
    this.#connection = undefined;
    connection.onMessage = undefined;
    this.#source.release(connection);
  }

  #leave(): void {
    if (this.#connection) this.#source.discard(this.#connection);
    this.#connection = undefined;
  }
}

/** Logged in; who you are; ready and in no transaction. */
function welcome(processId: number): Buffer {
  return Buffer.concat([numbersMessage('R', 0), numbersMessage('K', processId, 0), Buffer.from('Z\0\0\0\x05I')]);
}
