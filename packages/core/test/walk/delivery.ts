import type { InboxItem } from '../../src/session/inbox.ts';
import type { SessionSnapshot } from '../../src/session/snapshot.ts';
import type { WaitAnswer, WaitRecord } from '../../src/session/wait.ts';
import type { Picks } from './picks.ts';

export function messageAt(at: number, picks: Picks): InboxItem {
  return { kind: 'message', messageId: picks.name('m'), parts: [], at };
}

/** A stop of the run, or now and then of another one. */
export function stopOf({ run }: SessionSnapshot, at: number, picks: Picks): InboxItem {
  const runId = picks.pick(4) === 0 ? 'other' : (run?.runId ?? '');
  return { kind: 'stop', runId, stop: picks.pick(2) === 0 ? 'abort' : 'interrupt', at };
}

/** An answer to an open wait, or now and then to one that is closed or of another generation, or of another kind. */
export function answerIn({ waits }: SessionSnapshot, at: number, picks: Picks): InboxItem {
  const wait = waits[picks.pick(Math.max(1, waits.length))];
  const waitId = wait && picks.pick(4) > 0 ? wait.waitId : 'closed';
  const generation = picks.pick(8) === 0 ? 1 : 0;
  const answer: WaitAnswer = picks.pick(8) === 0 ? { kind: 'input', value: null } : answerTo(wait, picks);
  return { kind: 'answer', waitId, generation, answer, at };
}

function answerTo(wait: WaitRecord | undefined, picks: Picks): WaitAnswer {
  if (wait?.kind === 'approval') return { kind: 'approval-response', approved: picks.pick(2) === 0, argumentsHash: '' };
  if (wait?.kind === 'budget') return { kind: 'budget', extraTokens: 30 };
  if (wait?.kind === 'operator') return { kind: 'continue' };
  if (wait?.kind !== 'child') return { kind: 'client-tool-result', result: null };
  const delegationId = wait.delegationId ?? '';
  return { kind: 'child-outcome', delegationId, result: { status: 'completed', output: null } };
}
