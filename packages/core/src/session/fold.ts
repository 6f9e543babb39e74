import { applyPatch } from '../state/patch.ts';
import { HelixError } from '../errors/helix-error.ts';
import { isFinal, mayMove, type CallChange, type CallRecord } from './call.ts';
import type { CommitRecord, HeadPatch, StepChange } from './commit.ts';
import type { InboxEntry } from './inbox.ts';
import type { RunChange, RunRecord, RunStart } from './run.ts';
import type { OpenStep, SessionSnapshot, StepVerdict } from './snapshot.ts';
import { addUsage, noUsage } from './usage.ts';
import type { ChildChange, ChildRecord, WaitChange, WaitRecord } from './wait.ts';

const goOn: StepVerdict = { is: 'continue' };

/**
 * The snapshot after a commit: pure, total over commits that landed, and the only place that says what a commit means.
 * `null` is the session before its first commit.
 */
export function fold(before: SessionSnapshot | null, commit: CommitRecord): SessionSnapshot {
  const base = before ?? create(commit);
  const { head } = commit;
  const run = foldRun(base.run, commit);
  return {
    ...base,
    version: commit.version,
    epoch: commit.epoch,
    lastToken: commit.token,
    updatedAt: commit.at,
    runtime: commit.run?.op === 'start' ? commit.run.runtime : base.runtime,
    run: progressed(run, commit),
    step: foldStep(base.step, commit),
    verdict: foldVerdict(base.verdict, commit),
    state: head?.state ? applyPatch(base.state, head.state) : base.state,
    messageCount: base.messageCount + (commit.messages?.length ?? 0),
    streamSequence: head?.streamSequence ?? base.streamSequence,
    usage: commit.usage ? commit.usage.reduce(addUsage, base.usage) : base.usage,
    contextTokens: contextAfter(base.contextTokens, commit),
    extraTokens: base.extraTokens + (head?.extraTokens ?? 0),
    waits: commit.waits ? foldWaits(base.waits, commit.waits) : base.waits,
    children: commit.children ? foldChildren(base.children, commit.children) : base.children,
    unread: consume(base.unread, head),
  };
}

/** The snapshot after outsiders delivered something. Entries that it knows already change nothing. */
export function foldInbox(before: SessionSnapshot, entries: readonly InboxEntry[]): SessionSnapshot {
  const fresh = entries.filter((entry) => entry.seq > before.inbox);
  const last = fresh.at(-1);
  return last ? { ...before, inbox: last.seq, unread: [...before.unread, ...fresh] } : before;
}

/** The snapshot after calls settled outside of a commit. A row that moved on already stays as it is. */
export function foldCalls(before: SessionSnapshot, changes: readonly CallChange[]): SessionSnapshot {
  if (before.step?.at !== 'calls' || changes.length === 0) return before;
  return { ...before, step: { ...before.step, calls: changeCalls(before.step.calls, changes) } };
}

function create(commit: CommitRecord): SessionSnapshot {
  const made = commit.head?.create;
  if (!made || commit.run?.op !== 'start') throw unreadable('the first commit of a session does not make it');
  return {
    v: 1,
    sessionId: commit.run.sessionId,
    agentType: made.agentType,
    runtime: made.runtime,
    identity: made.identity,
    systemPrompt: made.systemPrompt,
    version: 0,
    epoch: 0,
    inbox: 0,
    generation: 0,
    lastToken: '',
    run: null,
    step: null,
    verdict: goOn,
    state: made.state,
    messageCount: 0,
    streamSequence: 0,
    usage: noUsage,
    contextTokens: 0,
    extraTokens: 0,
    waits: [],
    children: [],
    unread: [],
    createdAt: commit.at,
    updatedAt: commit.at,
  };
}

function foldRun(before: RunRecord | null, { run: change }: CommitRecord): RunRecord | null {
  if (!change) return before;
  if (change.op === 'start') return startRun(change);
  if (!before) throw unreadable('a commit changes a run that never started');
  return { ...before, phase: phaseAfter(change), takeovers: before.takeovers + takeover(change) };
}

function startRun({ runId, turn, entry, key, startedAt, startSequence, claim }: RunStart): RunRecord {
  const phase: RunRecord['phase'] = claim ? { at: 'running', holderId: claim.holderId } : { at: 'queued' };
  return { v: 1, runId, turn, entry, key, startedAt, startSequence, stepCount: 0, takeovers: 0, phase };
}

function phaseAfter(change: Exclude<RunChange, RunStart>): RunRecord['phase'] {
  if (change.op === 'claim') return { at: 'running', holderId: change.holderId };
  if (change.op === 'park') return { at: 'parked', on: change.on };
  const { op: _, ...end } = change;
  return { at: 'ended', ...end };
}

function takeover(change: RunChange): number {
  return change.op === 'claim' && change.takeover ? 1 : 0;
}

/** A reply or closed step is progress: it counts, and wipes out earlier takeovers. */
function progressed(run: RunRecord | null, { head }: CommitRecord): RunRecord | null {
  if (!run) return run;
  const step = head?.step;
  const stepCount = step?.op === 'reply' ? step.step : run.stepCount;
  const moved = step?.op === 'reply' || step?.op === 'close' || head?.forgiven;
  return moved ? { ...run, stepCount, takeovers: 0 } : run;
}

function foldStep(before: OpenStep | null, commit: CommitRecord): OpenStep | null {
  const change = commit.head?.step;
  const base = commit.run?.op === 'start' ? null : before;
  const step = change ? stepAfter(change) : base;
  if (step?.at !== 'calls' || !commit.calls) return step;
  return { ...step, calls: changeCalls(step.calls, commit.calls).map((call) => withoutDebt(call, commit)) };
}

function stepAfter(change: StepChange): OpenStep | null {
  if (change.op === 'close') return null;
  const { step, mode } = change;
  if (change.op === 'failed') {
    return { at: 'failed', step, mode, attempt: change.attempt, error: change.error, retryAt: change.retryAt };
  }
  return change.calls.length > 0 ? { at: 'calls', step, mode, calls: change.calls } : null;
}

/**
 * A user's message opens the question again: what was done before it is not the end any more. That holds too where the message and
 * the end of the step before it are in one commit. What broke stays broken.
 */
function foldVerdict(before: StepVerdict, { head, run, messages }: CommitRecord): StepVerdict {
  if (run?.op === 'start') return goOn;
  const step = head?.step;
  const verdict = step?.op === 'close' || step?.op === 'reply' ? (step.verdict ?? goOn) : before;
  if (verdict.is === 'broken' || head?.verdictStays) return verdict;
  return messages?.some((message) => message.role === 'user') ? goOn : verdict;
}

/** After a summary, what was summarised no longer counts. A model call of which the provider did not say what it took tells nothing. */
function contextAfter(before: number, { head, usage }: CommitRecord): number {
  const tokens = usage?.findLast((entry) => entry.kind === 'tokens')?.tokens;
  const summary = head?.step?.op === 'reply' && head.step.mode === 'compact';
  if (summary) return tokens?.output ?? 0;
  return (tokens ? tokens.input + tokens.output : 0) || before;
}

function changeCalls(calls: readonly CallRecord[], changes: readonly CallChange[]): CallRecord[] {
  return calls.map((call) => changes.filter(({ callId }) => callId === call.callId).reduce(changeCall, call));
}

function changeCall(call: CallRecord, { gate, state, usage }: CallChange): CallRecord {
  const opened = gate ? { ...call, gate } : call;
  if (!state || !mayMove(call.state, state)) return opened;
  const attempts = state.at === 'sent' ? state.attempt : call.attempts;
  return { ...opened, state, attempts, ...(usage && { usage }) };
}

/** A commit that says how a call ended holds what its body used, also of a call that was written by itself before. */
function withoutDebt(call: CallRecord, { calls }: CommitRecord): CallRecord {
  if (!call.usage || !calls?.some(({ callId, state }) => callId === call.callId && state && isFinal(state)))
    return call;
  const { usage: _, ...rest } = call;
  return rest;
}

/** In order: what one commit opens it may also close, where everything about it was known at once. */
function foldWaits(waits: readonly WaitRecord[], changes: readonly WaitChange[]): readonly WaitRecord[] {
  return changes.reduce<readonly WaitRecord[]>(
    (open, change) =>
      change.op === 'open' ? [...open, change.wait] : open.filter(({ waitId }) => waitId !== change.waitId),
    waits,
  );
}

function foldChildren(children: readonly ChildRecord[], changes: readonly ChildChange[]): readonly ChildRecord[] {
  return changes.reduce<readonly ChildRecord[]>(
    (alive, change) =>
      change.op === 'add'
        ? [...alive, change.child]
        : alive.filter(({ delegationId }) => delegationId !== change.delegationId),
    children,
  );
}

function consume(unread: readonly InboxEntry[], head: HeadPatch | undefined): readonly InboxEntry[] {
  if (!head?.consumes?.length) return unread;
  const consumed = new Set(head.consumes);
  return unread.filter((entry) => !consumed.has(entry.seq));
}

function unreadable(message: string): HelixError {
  return new HelixError('state_record_unreadable', message);
}
