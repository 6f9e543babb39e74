// Would catch: a result that a page shows twice after a takeover, or never.
import { expect, it } from 'vitest';
import type { CallRecord } from '../../session/call.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { toldEnds } from './told-ends.ts';

const call: CallRecord = {
  v: 1,
  callId: 'c',
  toolName: 't',
  kind: 'tool',
  input: {},
  gate: { at: 'open' },
  replay: 'never',
  sequential: false,
  attempts: 1,
  state: { at: 'settled', result: 1 },
};

it.each<[string, Partial<CallRecord>, string[]]>([
  ['ended in a commit was told', {}, ['c']],
  ['ended by itself since is told again', { usage: [] }, []],
  ['was refused before it was sent is told when its step closes', { attempts: 0 }, []],
  ['is still open was not told', { state: { at: 'sent', attempt: 1, epoch: 1 } }, []],
  ['somebody else carried out was not told', { kind: 'client' }, []],
])('of an owner before: a call that %s', (_, change, told) => {
  const step = { at: 'calls', step: 1, mode: 'normal', calls: [{ ...call, ...change }] };
  const session = { step, streamSequence: 7 } as unknown as SessionSnapshot;
  expect(toldEnds(session, 7)).toEqual(told);
  // The stream lacks what the record stands for.
  expect(toldEnds(session, 6)).toEqual([]);
});
