// Would catch: a stream that is buffered until its end, a reader that goes away and takes the run with it, a server that cannot be
// ended while somebody reads.
import { expect, it } from 'vitest';
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
