import { applyPatch } from '../state/patch.ts';
import type { CallChange } from './call.ts';
import type { CommitRecord, HeadPatch } from './commit.ts';
import { changeCalls } from './fold-calls.ts';
import { foldRun, progressed } from './fold-run.ts';
import { foldStep, foldVerdict, goOn } from './fold-step.ts';
import { foldChildren, foldWaits } from './fold-waits.ts';
import type { InboxEntry } from './inbox.ts';
import type { SessionSnapshot } from './snapshot.ts';
import { unreadable } from './unreadable-record.ts';
import { addUsage, noUsage } from './usage.ts';

/**
 * The snapshot after a commit: pure, total over commits that landed, and with its parts (run, step, calls, waits) the only place
 * that says what a commit means.
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
    streamSure: head?.streamSequence === undefined ? base.streamSure : head.streamSure,
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
    ...(made.streamId !== undefined && { streamId: made.streamId }),
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

/** After a summary, what was summarised no longer counts. A model call of which the provider did not say what it took tells nothing. */
function contextAfter(before: number, { head, usage }: CommitRecord): number {
  const tokens = usage?.findLast((entry) => entry.kind === 'tokens')?.tokens;
  const summary = head?.step?.op === 'reply' && head.step.mode === 'compact';
  if (summary) return tokens?.output ?? 0;
  return (tokens ? tokens.input + tokens.output : 0) || before;
}

function consume(unread: readonly InboxEntry[], head: HeadPatch | undefined): readonly InboxEntry[] {
  if (!head?.consumes?.length) return unread;
  const consumed = new Set(head.consumes);
  return unread.filter((entry) => !consumed.has(entry.seq));
}
