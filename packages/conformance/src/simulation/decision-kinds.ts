import type { CommitRecord, SessionSnapshot } from '@helix-agents/core';

/** What a landed commit carried out: the decisions of the core, as fine as the record tells them. */
export const decisionKinds = [
  'entry',
  'takeover',
  'claim',
  'call-model:normal',
  'call-model:final-step',
  'call-model:forced',
  'call-model:compact',
  'call-model:failed',
  'dispatch',
  'reconcile',
  'fold:results',
  'fold:stop',
  'fold:answer',
  'fold:timeout',
  'fold:news',
  'park:call',
  'park:budget',
  'park:operator',
  'end:completed',
  'end:failed',
  'end:interrupted',
  'end:aborted',
] as const;

export type DecisionKind = (typeof decisionKinds)[number];

export function kindsOf(record: CommitRecord, before: SessionSnapshot | null): DecisionKind[] {
  return [...runKinds(record), ...stepKinds(record, before), ...waitKinds(record, before)];
}

function runKinds({ run }: CommitRecord): DecisionKind[] {
  if (run?.op === 'start') return ['entry'];
  if (run?.op === 'claim') return [run.takeover ? 'takeover' : 'claim'];
  if (run?.op === 'end') return [`end:${run.outcome}`];
  if (run?.op !== 'park') return [];
  const [wait = ''] = run.on;
  if (wait.startsWith('budget-')) return ['park:budget'];
  return [wait.startsWith('operator-') ? 'park:operator' : 'park:call'];
}

function stepKinds({ head, calls }: CommitRecord, before: SessionSnapshot | null): DecisionKind[] {
  const kinds: DecisionKind[] = [];
  const step = head?.step;
  if (step?.op === 'reply') kinds.push(`call-model:${step.mode}`);
  if (step?.op === 'failed') kinds.push('call-model:failed');
  if (step?.op === 'close') kinds.push('fold:results');
  if (calls?.some(({ state }) => state?.at === 'sent')) kinds.push('dispatch');
  const open = before?.step?.at === 'calls' ? before.step.calls : [];
  const lost = open.filter(({ state }) => state.at === 'sent' && state.epoch < (before?.epoch ?? 0));
  if (lost.some(({ callId }) => calls?.some((change) => change.callId === callId))) kinds.push('reconcile');
  return kinds;
}

function waitKinds({ waits, head }: CommitRecord, before: SessionSnapshot | null): DecisionKind[] {
  const kinds = new Set<DecisionKind>();
  for (const wait of waits ?? []) {
    if (wait.op !== 'close') continue;
    if (wait.how === 'answered') kinds.add('fold:answer');
    if (wait.how === 'timed-out') kinds.add('fold:timeout');
  }
  const consumed = new Set(head?.consumes ?? []);
  for (const { seq, item } of before?.unread ?? []) {
    if (!consumed.has(seq)) continue;
    if (item.kind === 'stop') kinds.add('fold:stop');
    else if (!kinds.has('fold:answer')) kinds.add('fold:news');
  }
  return [...kinds];
}
