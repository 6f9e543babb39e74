// Would catch: a stream that is buffered until its end, a reader that goes away and takes the run with it, a server that cannot be
// ended while somebody reads.
import { inspect } from 'node:util';
import { expect, it, onTestFinished, vi } from 'vitest';
import { makeServer, saying } from '../../test/server-fixture.ts';
import { listen } from './index.ts';

it.each([
  [
    'an option of another name',
    { fetch: () => new Response(), host: '0.0.0.0' },
    'listen: host is unknown; did you mean hostname?',
  ],
  ['no fetch', {}, 'listen: fetch must be that of an AgentServer'],
])('%s is refused, not ignored', async (_, options, message) => {
  await expect(listen(options as never)).rejects.toMatchObject({ code: 'input_invalid', message });
});

it.each(['abc', '4600', -1, 65_536, 1.5, Number.NaN])(
  'a port of %j is refused, and no socket of that name',
  async (port) => {
    await expect(listen({ fetch: () => new Response(), port } as never)).rejects.toMatchObject({
      code: 'input_invalid',
      message: `listen: port must be a whole number from 0 to 65535, not ${inspect(port)}`,
    });
  },
);

it('a port that is in use is told as such', async () => {
  const options = { fetch: () => new Response() };
  const first = await listen(options);
  await expect(listen({ ...options, port: first.port })).rejects.toMatchObject({
    code: 'input_invalid',
    message: `port ${first.port} is in use`,
  });
  await first.close();
});

it('an address that this machine does not have is told as such', async () => {
  await expect(listen({ fetch: () => new Response(), hostname: '192.0.2.1' })).rejects.toMatchObject({
    code: 'input_invalid',
    message: 'hostname 192.0.2.1 is no address of this machine',
  });
});

it('streams while the run is going, and ends with its readers', async () => {
  const { server, stateStore } = makeServer();
  const listening = await listen({ fetch: server.fetch });
  const leave = new AbortController();
  const response = await fetch(`${listening.url}/chat/s1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'ann' },
    body: JSON.stringify(saying('wait')),
    signal: leave.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  while (!seen.includes('You said: wait')) seen += (await reader.read()).value ?? '';
  leave.abort();
  await reader.read().catch(() => {});
  expect((await stateStore.load('s1'))?.run?.phase.at).toBe('running');
  const second = await fetch(`${listening.url}/chat/s1/stream`, { headers: { 'x-user': 'ann' } });
  expect(second.status).toBe(200);
  await listening.close();
  await expect(fetch(listening.url)).rejects.toThrow('fetch failed');
});

/** A server that is asked something and does not answer yet. */
async function asked() {
  const [begun, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()];
  const listening = await listen({
    fetch: () => {
      begun.resolve();
      return answer.promise;
    },
  });
  const cut = fetch(listening.url).catch((error: unknown) => error);
  await begun.promise;
  const closed = vi.fn<() => void>();
  const closing = listening.close().then(closed);
  expect(await cut).toMatchObject({ message: 'fetch failed' });
  return { answer, closed, closing };
}

it('is closed once nobody works at an answer any more: what that works with is closed next', async () => {
  const { answer, closed, closing } = await asked();
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).not.toHaveBeenCalled();
  answer.reject(new Error('the store is away'));
  await closing;
});

it('is closed after 5 s also where an answer never comes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { closed, closing } = await asked();
  await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(closed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await closing;
});
