import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** A wire between a client and a server that loses replies when it is told to. */
export interface LossyProxy {
  readonly connectionString: string;
  /** Loses the next reply to a statement that contains the text, and the connection with it. */
  loseReplyTo(text: string): void;
  /** How many replies were lost. */
  readonly lost: number;
  close(): Promise<void>;
}

export async function lossyProxy(connectionString: string): Promise<LossyProxy> {
  const target = new URL(connectionString);
  const sockets = new Set<Socket>();
  let wanted: string | undefined;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let dropping = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [client, upstream].forEach((other) => other.destroy()));
    }
    client.on('data', (data) => {
      if (wanted !== undefined && data.includes(wanted)) {
        wanted = undefined;
        dropping = true;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (!dropping) return client.write(data);
      lost += 1;
      return client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(connectionString);
  through.port = String((server.address() as AddressInfo).port);
  return {
    connectionString: through.href,
    loseReplyTo: (text) => (wanted = text),
    get lost() {
      return lost;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
