import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { cancelRequest, numbersMessage, WireMessages } from './wire-messages.ts';

/** What of pg's client lies below its queries. */
interface LoggedIn {
  readonly connection: { readonly stream: Socket };
  readonly processID: number;
  readonly secretKey: number;
}

/** A connection of the server that clients use in turn. */
export class ServerConnection {
  readonly #loggedIn: LoggedIn;
  readonly #socket: Socket;
  /** Gets what the server says, message by message. */
  onMessage: ((message: Buffer) => void) | undefined;

  private constructor(loggedIn: LoggedIn) {
    const messages = new WireMessages();
    this.#loggedIn = loggedIn;
    this.#socket = loggedIn.connection.stream;
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', (piece) => messages.take(piece).forEach((message) => this.onMessage?.(message)));
  }

  /** pg knows how to log in; from then on the connection is ours. */
  static async open(connectionString: string): Promise<ServerConnection> {
    const client = new pg.Client({ connectionString });
    client.on('error', () => {});
    await client.connect();
    return new ServerConnection(client as unknown as LoggedIn);
  }

  write(message: Buffer): void {
    this.#socket.write(message);
  }

  /** Has the server end the statement that it runs for us. */
  cancel(): void {
    const { processID, secretKey } = this.#loggedIn;
    const { remotePort, remoteAddress } = this.#socket;
    const request = connect({ port: remotePort ?? 0, host: remoteAddress });
    request.on('error', () => {});
    request.end(numbersMessage('', cancelRequest, processID, secretKey));
  }

  close(): void {
    this.#socket.destroy();
  }
}
