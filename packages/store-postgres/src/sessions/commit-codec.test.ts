// Would catch: a commit that means something else when it is read again, or that pays twice for what a tool gave.
import { fold, type SessionCommit } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { plannedCall } from '../../test/session-driver.ts';
import { decodeCommit, encodeCommit, recordOf } from './commit-codec.ts';

const result = 'x'.repeat(10_000);
const message = {
  v: 1,
  id: 'm',
  role: 'tool',
  parts: [{ type: 'tool-result', toolCallId: 'c', toolName: 't', outcome: { type: 'result', value: result } }],
  runId: 'r',
  createdAt: 1,
} as const;
const make: SessionCommit = {
  v: 1,
  token: 't1',
  at: 1,
  fence: { as: 'entry', expectRunId: null, version: 0, inbox: 0 },
  run: {
    op: 'start',
    sessionId: 's',
    runId: 'r',
    turn: 1,
    entry: 'execute',
    agentType: 'a',
    runtime: 'js',
    key: 'k',
    startedAt: 1,
    startSequence: 0,
  },
  head: { create: { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null } },
};
const owner = (version: number) =>
  ({
    v: 1,
    token: `t${version}`,
    at: 1,
    fence: { as: 'owner', epoch: 1, version, lastToken: `t${version - 1}` },
  }) as const;
const reply: SessionCommit = {
  ...owner(1),
  head: { step: { op: 'reply', step: 1, mode: 'normal', attempt: 1, calls: [plannedCall] } },
  calls: [{ callId: 'c', state: { at: 'sent', attempt: 1, epoch: 1 } }],
};
const settled = { callId: 'c', state: { at: 'settled', result } } as const;
const closing: SessionCommit = {
  ...owner(2),
  head: { step: { op: 'close', verdict: { is: 'continue' } } },
  messages: [message],
  calls: [settled],
};

/** What a store gives back of a commit. */
function again(commit: SessionCommit) {
  const { body, messages } = encodeCommit(commit);
  return decodeCommit({ version: commit.fence.version + 1, epoch: 1, token: commit.token, body, messages });
}

it('commits that were written and read again lead to the same session', () => {
  const commits = [make, reply, closing];
  const written = commits.reduce<ReturnType<typeof fold> | null>((before, one) => fold(before, recordOf(one, 1)), null);
  const read = commits.reduce<ReturnType<typeof fold> | null>((before, one) => fold(before, again(one)), null);
  expect(read).toEqual(written);
});

it('the commit that closes a step holds the result of its tool once', () => {
  const { body, messages } = encodeCommit(closing);
  expect(messages).toContain(result);
  expect(body).not.toContain(result);
});

it('a result that is written while its siblings still run is kept', () => {
  const { body } = encodeCommit({ ...owner(2), calls: [settled] });
  expect(body).toContain(result);
});
