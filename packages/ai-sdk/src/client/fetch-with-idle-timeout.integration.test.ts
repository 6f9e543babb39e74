// Would catch: a page that waits for ever on a connection that nobody ended and nobody speaks on, and one that gives up a reply
// which is only slow.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chatErrorOf } from './chat-error.ts';
import { fetchWithIdleTimeout } from './fetch-with-idle-timeout.ts';

const idleTimeoutMs = 1_000;
const ask = fetchWithIdleTimeout({ idleTimeoutMs });

/** Answers as told; `closed` resolves when its client has let go. */
async function serve(answer: (response: ServerResponse) => void | Promise<void>) {
  let letGo = (): void => {};
  const closed = new Promise<void>((resolve) => (letGo = resolve));
  const server = createServer((_, response) => {
    response.on('close', letGo);
    void answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, closed };
}

const lost = { message: `nothing was heard for ${idleTimeoutMs} ms`, code: 'stream_dropped' };

/** How reading failed; null where it did not. */
const failureOf = (read: Promise<unknown>) =>
  read.then(
    () => null,
    (error: Error) => ({ message: error.message, code: chatErrorOf(error).code }),
  );

describe('a connection on which nothing is heard', () => {
  it('before the answer is lost, and let go', async () => {
    const { url, closed } = await serve(() => {});
    expect(await failureOf(ask(url))).toEqual(lost);
    await closed;
  });

  it('in the middle of the answer is lost, behind what came, and let go', async () => {
    const { url, closed } = await serve((response) => void response.write('data: 1\n\n'));
    const reader = (await ask(url)).body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('data: 1\n\n');
    expect(await failureOf(reader.read())).toEqual(lost);
    await closed;
  });
});

describe('a connection on which something is heard', () => {
  it('is kept, however little it is', async () => {
    const { url } = await serve(async (response) => {
      for (let time = 0; time < 6; time += 1) {
        response.write(': keep-alive\n\n');
        await sleep(idleTimeoutMs / 4);
      }
      response.end('data: [DONE]\n\n');
    });
    expect(await (await ask(url)).text()).toMatch(/DONE\]\n\n$/);
  });

  it('is kept for a page that reads nothing for a while', async () => {
    const { url } = await serve((response) => void response.end('data: [DONE]\n\n'));
    const response = await ask(url);
    await sleep(2 * idleTimeoutMs);
    expect(await response.text()).toBe('data: [DONE]\n\n');
  });

  it('has its status and headers, and no body where there is none', async () => {
    const { url } = await serve((response) => void response.writeHead(204, { 'x-a': 'b' }).end());
    const { status, headers, body } = await ask(url);
    expect([status, headers.get('x-a'), body]).toEqual([204, 'b', null]);
  });
});

it('a request that its page gave up is given up', async () => {
  const { url, closed } = await serve((response) => void response.write('data: 1\n\n'));
  const leave = new AbortController();
  const reader = (await ask(url, { signal: leave.signal })).body!.getReader();
  await reader.read();
  leave.abort();
  await expect(reader.read()).rejects.toMatchObject({ name: 'AbortError' });
  await closed;
});
