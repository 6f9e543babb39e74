// Would catch: a client that stops to read and keeps its connection, and what the server holds for it, for as long as it likes; a
// slow one that is taken for it; a reply that such a client cannot have any more.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { makeServer, saying } from '../../test/server-fixture.ts';
import { listen } from './index.ts';

const maxStallMs = 2_000;

async function serve() {
  const made = makeServer({ maxStallMs });
  const listening = await listen({ fetch: made.server.fetch });
  onTestFinished(() => listening.close());
  await (await made.call('ann', 'POST', '/chat/s1', saying('much'))).text();
  return { ...made, ...listening };
}

/** Asks for the reply, and reads nothing yet. */
async function ask(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /chat/s1/stream?after=0 HTTP/1.1\r\nhost: server\r\nx-user: ann\r\nconnection: close\r\n\r\n');
  return socket;
}

/** All that comes, and whether the response came to its end. */
async function readAll(socket: Socket, pauseMs: number): Promise<{ bytes: number; isWhole: boolean }> {
  let bytes = 0;
  let end = '';
  socket.on('error', () => {});
  socket.on('data', (data: Buffer) => {
    bytes += data.length;
    end = (end + data.toString('latin1')).slice(-40);
    socket.pause();
    setTimeout(() => socket.resume(), pauseMs);
  });
  socket.resume();
  await once(socket, 'close');
  return { bytes, isWhole: end.endsWith('data: [DONE]\n\n\r\n0\r\n\r\n') };
}

it('a client that reads nothing is cut off after its time, and has the whole reply when it asks again', async () => {
  const { port, logged } = await serve();
  const stalled = await ask(port);
  await expect
    .poll(() => logged, { timeout: 10_000 })
    .toContainEqual({
      level: 'info',
      message: 'a client that read nothing of its stream was let go',
      fields: { maxStallMs },
    });
  expect((await readAll(stalled, 0)).isWhole).toBe(false);
  const again = await readAll(await ask(port), 0);
  expect(again.isWhole).toBe(true);
  expect(again.bytes).toBeGreaterThan(24 * 1024 * 1024);
});

it('a client that is only slow has all of it, however long it takes', async () => {
  const { port, logged } = await serve();
  const startedAt = performance.now();
  const slow = await ask(port);
  await sleep(maxStallMs / 3);
  expect((await readAll(slow, 16)).isWhole).toBe(true);
  expect(performance.now() - startedAt).toBeGreaterThan(2 * maxStallMs);
  expect(logged).toEqual([]);
});
