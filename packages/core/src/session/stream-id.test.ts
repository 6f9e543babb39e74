// Would catch: a session that is streamed where another one was, or into an id that a store refuses.
import { expect, it } from 'vitest';
import { checkId } from './ids.ts';
import { checkStreamId, newStreamId, streamIdOf } from './stream-id.ts';

it('a session has the stream that it was made with; of a former release, that of its id', () => {
  expect(streamIdOf({ sessionId: 's', streamId: 's.run_1' })).toBe('s.run_1');
  expect(streamIdOf({ sessionId: 's' })).toBe('s');
});

it('two sessions under one id have two streams, and each is below the id', () => {
  const [one, two] = ['run_1', 'run_2'].map((runId) => newStreamId('s', runId));
  expect(one).not.toBe(two);
  for (const streamId of [one, two]) expect(streamId).toMatch(/^s\./);
});

it('the longest ids of a session and a run make an id that is taken', () => {
  const longest = checkId('sessionId', 'x'.repeat(100));
  const streamId = newStreamId(longest, longest);
  expect(checkStreamId(streamId)).toBe(streamId);
  expect(checkStreamId(longest)).toBe(longest);
});

it.each(['run:1', 'run.1', 'run/1', 'läuft 1'])(
  'a run of the id %s, as ids of a host may be, makes one that is taken',
  (runId) => {
    const streamId = newStreamId('s', runId);
    expect(checkStreamId(streamId)).toBe(streamId);
    expect(streamId).not.toBe(newStreamId('s', runId.replace('1', '2')));
  },
);

it.each(['', 'a.', '.a', 'a.b.c', 'a b', 'a/b', `${'x'.repeat(101)}.a`, 7, null, undefined])('refuses %j', (id) => {
  expect(() => checkStreamId(id as string)).toThrow(
    expect.objectContaining({ code: 'input_invalid', message: expect.stringMatching(/^streamId must be/) }),
  );
});
