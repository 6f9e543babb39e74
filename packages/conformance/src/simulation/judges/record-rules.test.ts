// Would catch: a simulation that misses nothing where an entry closes the step of a run, and leaves out what a body of it had used.
import type { Fence, UsageEntry } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { callRecord, closeParts, replyParts, userMessage, type CommitParts } from '../../records/commit-parts.ts';
import { RecordRules } from './record-rules.ts';
import { Judge } from './violation.ts';

const created = { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null };
const about = { v: 1, runId: 'r1', step: 1, at: 1 } as const;
const used: UsageEntry = { ...about, kind: 'tool', callId: 'c1', toolName: 'search', ok: true, durationMs: 1 };

function begin(runId: string): CommitParts {
  const agent = { sessionId: 's', agentType: 'a', runtime: 'js', claim: { holderId: 'h' } };
  const run = { op: 'start', runId, turn: 1, entry: 'execute', key: runId, startedAt: 1, startSequence: 0 } as const;
  return { run: { ...run, ...agent }, messages: [userMessage(runId, runId)] };
}

/** What is said of an entry that begins the next run over a call which was settled by itself. */
function judgedOver(usage: readonly UsageEntry[]): Judge {
  const judge = new Judge();
  const rules = new RecordRules(judge, { decided: () => {}, deleted: () => {} });
  const entry = (version: number, expectRunId: string | null): Fence => ({
    as: 'entry',
    expectRunId,
    version,
    inbox: 0,
  });
  const commit = (version: number, epoch: number, fence: Fence, parts: CommitParts) =>
    rules.committed({ v: 1, token: `t${version}`, at: 1, fence, ...parts }, { landed: true, version, epoch, inbox: 0 });

  commit(1, 1, entry(0, null), { ...begin('r1'), head: { create: created } });
  const sent = callRecord('c1', { at: 'sent', attempt: 1, epoch: 1 });
  commit(2, 1, { as: 'owner', epoch: 1, version: 1, lastToken: 't1' }, replyParts('r1', 1, [sent]));
  const settled = { callId: 'c1', state: { at: 'settled', result: 'done' }, usage: [used] } as const;
  rules.settled({ runId: 'r1', epoch: 1 }, [settled], ['c1']);
  const next = begin('r2');
  const messages = [...(closeParts('r1', 1, ['c1']).messages ?? []), ...(next.messages ?? [])];
  commit(3, 2, entry(2, 'r1'), { ...next, messages, usage });
  return judge;
}

it('what a body used is missed where the entry that takes the place of its run leaves it out', () => {
  expect(judgedOver([]).violation).toEqual({ rule: 'S2', message: 'the usage of call c1 is lost' });
});

it('an entry that has it breaks no rule', () => {
  expect(judgedOver([used]).violation).toBeNull();
});
