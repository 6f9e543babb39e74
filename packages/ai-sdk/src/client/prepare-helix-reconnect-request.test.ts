// Would catch: a page that is told a reply again which it has, or is not told one that ended while it loaded.
import { expect, test } from 'vitest';
import { prepareHelixReconnectRequest, type ReconnectOptions } from './prepare-helix-reconnect-request.ts';

const asked = (after: ReconnectOptions['after'], id = 'chat 1') =>
  prepareHelixReconnectRequest({ after })({
    api: '/api/chat',
    id,
    requestMetadata: undefined,
    body: undefined,
    credentials: undefined,
    headers: undefined,
  });

test.each<[string, ReconnectOptions['after'], string]>([
  ['a position alone', 7, 'after=7'],
  ['a snapshot of a run that goes on', { streamSequence: 7, endedRunId: null }, 'after=7'],
  ['a snapshot of a run that ended', { streamSequence: 7, endedRunId: 'run/1' }, 'after=7&ended=run%2F1'],
])('%s is named in the address', (_, after, query) => {
  expect(asked(after)).toEqual({ api: `/api/chat/chat%201/stream?${query}` });
});

test('the snapshot is the one that the page has when it asks', () => {
  let sequence = 1;
  const after = () => sequence;
  const prepare = () => asked(after, 'c');
  expect(prepare()).toEqual({ api: '/api/chat/c/stream?after=1' });
  sequence = 9;
  expect(prepare()).toEqual({ api: '/api/chat/c/stream?after=9' });
});
