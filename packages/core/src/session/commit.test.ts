// Would catch: a commit that lets a run rest, or deals with what was delivered, without pinning the inbox that it read (S2): what comes
// in that moment would be seen by nobody.
import { expect, it } from 'vitest';
import { isBoundary, type SessionCommit } from './commit.ts';

type Part = Omit<Partial<SessionCommit>, 'v' | 'token' | 'at' | 'fence'>;

const stopChild = { kind: 'stop-child', childSessionId: 'c', delegationId: 'd', stop: 'abort' } as const;
const wait = { v: 1, waitId: 'w', kind: 'approval', generation: 0, runId: 'r' } as const;

it.each<[string, Part]>([
  ['ends its run', { run: { op: 'end', outcome: 'completed', reason: 'reply', endedAt: 1 } }],
  ['parks its run', { run: { op: 'park', on: ['w'] } }],
  ['opens a wait', { waits: [{ op: 'open', wait }] }],
  ['settles a wait', { waits: [{ op: 'close', waitId: 'w', how: 'timed-out' }] }],
  ['lets go of a child', { children: [{ op: 'remove', delegationId: 'd', how: 'detached' }] }],
  ['owes others something', { outbox: [{ v: 1, id: 'o', item: stopChild }] }],
  ['deals with what was delivered', { head: { consumes: [7] } }],
])('a commit that %s is a boundary', (_, commit) => {
  expect(isBoundary(commit)).toBe(true);
});

it.each<[string, Part]>([
  ['sends calls', { calls: [{ callId: 'a', state: { at: 'sent', attempt: 1, epoch: 1 } }] }],
  ['closes a step', { messages: [], head: { step: { op: 'close', verdict: { is: 'continue' } }, state: [] } }],
  ['has nothing of what it names', { waits: [], children: [], outbox: [], head: { consumes: [] } }],
])('a commit that %s is none: it goes out beside those of other sessions', (_, commit) => {
  expect(isBoundary(commit)).toBe(false);
});
