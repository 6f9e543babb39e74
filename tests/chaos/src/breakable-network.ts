import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A network between a process and a server that a test can break. `reset`: every connection ends, new ones are refused. `silent`:
 * nothing arrives any more and nobody is told, as when a cable is pulled.
 */
export class BreakableNetwork {
  readonly #server: Server;
  #target: string;
  readonly #sockets = new Set<Socket>();
  readonly #silenced = new Set<Socket>();
  #state: 'whole' | 'reset' | 'silent' = 'whole';

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** @param target - The connection string of the server, which is on this machine. */
  static async to(target: string): Promise<BreakableNetwork> {
    const network = new BreakableNetwork(target);
    network.#server.listen(0, '127.0.0.1');
    await once(network.#server, 'listening');
    return network;
  }

  get connectionString(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  break(how: 'reset' | 'silent'): void {
    this.#state = how;
    if (how === 'reset') this.#endAll();
  }

  /** Connections from now on come to another server. */
  leadTo(target: string): void {
    this.#target = target;
  }

  /** What was silent stays so: its ends do not know what they missed. */
  heal(): void {
    this.#state = 'whole';
  }

  /** Ends what was silenced, as the ends do once they ask in vain for long enough. */
  endSilenced(): void {
    for (const socket of this.#silenced) socket.destroy();
  }

  async close(): Promise<void> {
    this.#endAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#keep(client);
    if (this.#state === 'reset') return void client.destroy();
    if (this.#state === 'silent') return void this.#silenced.add(client);
    const upstream = connect(Number(new URL(this.#target).port), '127.0.0.1');
    this.#keep(upstream);
    const isLost = () => this.#silenced.has(upstream);
    const forward = (from: Socket, to: Socket) => {
      from.setNoDelay(true);
      from.on('data', (data) => {
        if (this.#state === 'silent') this.#silenced.add(client).add(upstream);
        if (!isLost()) to.write(data);
      });
      from.on('close', () => isLost() || to.destroy());
    };
    forward(client, upstream);
    forward(upstream, client);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#silenced.delete(socket);
    });
  }

  #endAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
