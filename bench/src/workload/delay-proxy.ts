// A TCP proxy that holds every piece of data back: `node delay-proxy.ts <port> <delayMs each way>`. It prints its own port.
// A process of its own, so that its timers do not share a thread with what is measured.
import { connect, createServer, type Socket } from 'node:net';

const [target, delayMs] = process.argv.slice(2).map(Number);

const server = createServer((client) => {
  const upstream = connect(target ?? 0, '127.0.0.1');
  delay(client, upstream);
  delay(upstream, client);
});

function delay(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('data', (data) => setTimeout(() => to.write(data), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.on('disconnect', () => process.exit());
