import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createWebSocketStream, WebSocketServer } from 'ws';

/** Carries the bytes of a WebSocket to a Postgres and back, as Neon's proxy does. Whom to, the query of its address says. */
export interface WebSocketProxy {
  readonly port: number;
  close(): Promise<void>;
}

export async function websocketProxy(): Promise<WebSocketProxy> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket, { url = '' }) => {
    const target = new URL(`tcp://${new URL(url, 'ws://proxy').searchParams.get('address')}`);
    const upstream = connect(Number(target.port), target.hostname);
    const client = createWebSocketStream(socket);
    for (const stream of [client, upstream]) {
      stream.on('error', () => {});
      stream.on('close', () => [client, upstream].forEach((other) => other.destroy()));
    }
    upstream.setNoDelay(true);
    client.pipe(upstream).pipe(client);
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
