// Would catch: a client that is told nothing but "connection reset" when it sends too much, and one that goes away while it
// sends and leaves an error in the log of the server each time.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeServer, saying } from '../test/server-fixture.ts';
import { listen } from './node/index.ts';

const maxBodyBytes = 64 * 1024;

async function serve() {
  const { server, logged, stateStore } = makeServer({ maxBodyBytes });
  const listening = await listen({ fetch: server.fetch });
  onTestFinished(() => listening.close());
  return { logged, stateStore, ...listening };
}

const head = (path: string, length: string) =>
  `POST ${path} HTTP/1.1\r\nhost: server\r\nx-user: ann\r\ncontent-type: application/json\r\n${length}\r\n\r\n`;

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Writes all of it before it reads a word, as simple clients do. */
async function sendThenRead(port: number, pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = await open(port);
  socket.pause();
  for (const piece of pieces)
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  const answer = once(socket, 'data') as Promise<[Buffer]>;
  socket.resume();
  const [data] = await answer;
  socket.destroy();
  return data.toString();
}

describe('a body', () => {
  it.each([1, 4, 8])(
    'of %i MiB too much is answered with 413, also to a client that writes it all first',
    async (mib) => {
      const { port, stateStore } = await serve();
      const bytes = mib * 1024 * 1024;
      const pieces = Array.from({ length: mib * 16 }, () => Buffer.alloc(64 * 1024, 0x20));
      for (let time = 0; time < 5; time += 1) {
        const answer = await sendThenRead(port, [head('/chat/s1', `content-length: ${bytes}`), ...pieces]);
        expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      }
      expect(await stateStore.load('s1')).toBeNull();
    },
  );

  it('that comes in many pieces is read whole', async () => {
    const { port, stateStore } = await serve();
    const text = Array.from({ length: 4_000 }, (_, index) => `word ${index} – ünï`).join(' ');
    const body = Buffer.from(JSON.stringify(saying(text.slice(0, 40_000))));
    const half = Math.floor(body.length / 2);
    const socket = await open(port);
    socket.write(head('/chat/s1', `content-length: ${body.length}`));
    for (const piece of [body.subarray(0, half), body.subarray(half)]) {
      await new Promise((written) => socket.write(piece, written));
      // The server has read what came so far before more comes.
      for (let count = 0; count < 20; count += 1) await turn();
    }
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    expect(await stateStore.messagesAfter('s1', 0, 1)).toMatchObject([
      { parts: [{ type: 'text', text: text.slice(0, 40_000) }] },
    ]);
    socket.destroy();
  });

  it('that breaks off is refused quietly', async () => {
    const { port, logged, stateStore } = await serve();
    const socket = await open(port);
    socket.write(`${head('/chat/s1', 'content-length: 1000')}{"messages":`);
    // Answered only when the first was read: one server reads them in order.
    await sendThenRead(port, [head('/chat/s2/interrupt', 'content-length: 0')]);
    socket.resetAndDestroy();
    await once(socket, 'close');
    await sendThenRead(port, [head('/chat/s2/interrupt', 'content-length: 0')]);
    for (let count = 0; count < 20; count += 1) await turn();
    expect(logged).toEqual([]);
    expect(await stateStore.load('s1')).toBeNull();
  });
});
