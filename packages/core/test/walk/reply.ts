import type { Decision } from '../../src/loop/decide/decision.ts';
import type { CallKind, CallRecord, CallState } from '../../src/session/call.ts';
import type { CommitRecord, StepChange } from '../../src/session/commit.ts';
import type { SessionSnapshot } from '../../src/session/snapshot.ts';
import type { UsageEntry } from '../../src/session/usage.ts';
import type { ChildChange, ChildRecord, WaitChange, WaitRecord } from '../../src/session/wait.ts';
import type { Picks } from './picks.ts';
import { error, verdictOf } from './verdict.ts';

type ModelCall = Extract<Decision, { kind: 'call-model' }>;
type Body = Pick<CommitRecord, 'head' | 'usage' | 'waits' | 'children'>;

/** What a model call comes to: a failure, a text, or calls. */
export function replyTo({ step, mode, attempt }: ModelCall, { run }: SessionSnapshot, now: number, picks: Picks): Body {
  const base = { step, mode, attempt } as const;
  const outcome = picks.pick(5);
  if (outcome === 0) {
    const retryAt = picks.pick(4) === 0 ? null : now + picks.pick(2) * 100;
    return { head: { step: { op: 'failed', ...base, error, retryAt } } };
  }
  const used = { input: 10 * picks.pick(6), output: 5, total: 20 };
  const place = { runId: run?.runId ?? '', step, attempt, at: now };
  const tokens: UsageEntry = { v: 1, kind: 'tokens', ...place, tokens: used, durationMs: 1 };
  // Not every provider says what a reply took.
  const usage = picks.pick(6) === 0 ? [] : [tokens];
  if (outcome === 1) {
    const verdict = picks.pick(4) === 0 ? ({ is: 'done', reason: 'reply', output: '' } as const) : verdictOf(picks);
    return { usage, head: { streamSequence: now, step: { op: 'reply', ...base, calls: [], verdict } } };
  }
  return { usage, ...withCalls({ op: 'reply', ...base, calls: [] }, now, picks) };
}

function withCalls(step: Extract<StepChange, { op: 'reply' }>, now: number, picks: Picks): Body {
  const waits: WaitChange[] = [];
  const children: ChildChange[] = [];
  const calls = Array.from({ length: 1 + picks.pick(3) }, (): CallRecord => {
    const callId = picks.name('c');
    const kind = (['tool', 'tool', 'client', 'child', 'finish'] as const)[picks.pick(5)] ?? 'tool';
    const isGated = kind === 'client' || (kind !== 'finish' && picks.pick(4) === 0);
    if (kind === 'child') children.push({ op: 'add', child: childOf(callId) });
    if (isGated) waits.push({ op: 'open', wait: waitOf(callId, kind, now, picks) });
    const gate = isGated ? ({ at: 'closed', waitId: `w-${callId}` } as const) : ({ at: 'open' } as const);
    const state: CallState = picks.pick(8) === 0 && !isGated ? { at: 'failed', error } : { at: 'planned' };
    const about = { toolName: 'f', input: {}, replay: 'safe', sequential: picks.pick(4) === 0 } as const;
    return { v: 1, callId, kind, gate, state, attempts: 0, ...about };
  });
  return { head: { step: { ...step, calls } }, waits, children };
}

function waitOf(callId: string, callKind: CallKind, now: number, picks: Picks): WaitRecord {
  const kind = callKind === 'client' ? 'client-tool' : callKind === 'child' ? 'child' : 'approval';
  const deadline = picks.pick(2) === 0 ? { deadline: now + picks.pick(3) * 300 } : {};
  const delegation = callKind === 'child' ? { delegationId: `d-${callId}` } : {};
  return { v: 1, waitId: `w-${callId}`, kind, generation: 0, runId: 'r', callId, ...delegation, ...deadline };
}

function childOf(callId: string): ChildRecord {
  const ids = { delegationId: `d-${callId}`, callId, childSessionId: `s-${callId}` };
  return { v: 1, generation: 0, agentType: 'child', ...ids };
}
