import {
  finishToolName,
  fold,
  foldCalls,
  foldInbox,
  type CallChange,
  type CallClaim,
  type CommitOutcome,
  type CommitRecord,
  type DeliverOutcome,
  type InboxItem,
  type RunEnd,
  type RunStart,
  type SessionCommit,
  type SessionSnapshot,
  type StopKind,
} from '@helix-agents/core';
import { kindsOf, type DecisionKind } from '../decision-kinds.ts';
import type { Witness } from '../stores/witnessed-store.ts';
import { TranscriptRules } from './transcript-rules.ts';
import type { Judge } from './violation.ts';

/** Codes with which a simulated run may fail: everything else is our own fault. */
const honestFailures = new Set([
  'provider_error',
  'provider_overloaded',
  'framework_max_steps',
  'framework_output_missing',
  'framework_hook_failed',
]);

/** Told of what happens in the record. */
export interface RecordListener {
  /** A commit landed, on this. */
  decided(kinds: readonly DecisionKind[], record: CommitRecord, before: SessionSnapshot | null): void;
  deleted(): void;
}

/**
 * Folds what landed by itself, and judges each change against what was there before (S2, S4 to S9). It trusts the answers of the
 * store for what landed and nothing else.
 */
export class RecordRules implements Witness {
  session: SessionSnapshot | null = null;
  readonly transcript: TranscriptRules;
  /** Every run that ever began. */
  readonly runs = new Map<string, Pick<RunStart, 'key' | 'entry'>>();
  /** Runs that a stop was recorded for, with the strongest one. */
  readonly #stops = new Map<string, StopKind>();
  readonly #ended = new Map<string, RunEnd['outcome']>();
  readonly #landed = new Map<string, number>();
  readonly #usage = new Set<string>();
  readonly #judge: Judge;
  readonly #listener: RecordListener;
  /** Whether the session was deleted: nothing more lands in this record. */
  isDeleted = false;

  constructor(judge: Judge, listener: RecordListener) {
    this.#judge = judge;
    this.#listener = listener;
    this.transcript = new TranscriptRules(judge);
  }

  /** The run that a message made. */
  runOf(key: string): string | undefined {
    for (const [runId, run] of this.runs) if (run.key === key) return runId;
    return undefined;
  }

  get messages() {
    return this.transcript.messages;
  }

  committed(commit: SessionCommit, outcome: CommitOutcome): void {
    const known = this.#landed.get(commit.token);
    if (known !== undefined) {
      const same = outcome.landed === true && outcome.version === known;
      return this.#judge.expect(
        'S7',
        same,
        () => `a commit that landed as version ${known} was answered with ${JSON.stringify(outcome)}`,
      );
    }
    if (outcome.landed !== true) return;
    const { fence, ...body } = commit;
    this.#judge.expect(
      'S2',
      outcome.version === this.#version + 1,
      () => `version ${outcome.version} follows ${this.#version}`,
    );
    this.#judge.expect(
      'S2',
      fence.as === 'entry' || fence.epoch === this.session?.epoch,
      'a commit of an earlier owner landed',
    );
    this.#fold({ ...body, version: outcome.version, epoch: outcome.epoch });
  }

  claimed(session: SessionSnapshot): void {
    const before = this.session;
    if (session.version === this.#version) return;
    this.#judge.expect(
      'S2',
      session.version === this.#version + 1,
      () => `a claim makes version ${session.version} after ${this.#version}`,
    );
    const phase = session.run?.phase;
    if (!before || phase?.at !== 'running') return this.#judge.expect('S2', false, 'a claim leaves the run unowned');
    const takeover = before.run?.phase.at === 'running';
    this.#fold({
      v: 1,
      token: session.lastToken,
      at: session.updatedAt,
      version: session.version,
      epoch: session.epoch,
      run: { op: 'claim', holderId: phase.holderId, takeover },
    });
  }

  delivered(item: InboxItem, outcome: DeliverOutcome): void {
    if (!outcome.delivered || !this.session) return;
    this.#judge.expect('S2', outcome.inbox === this.session.inbox + 1, 'the inbox has a gap');
    this.session = foldInbox(this.session, [{ v: 1, seq: outcome.inbox, item }]);
    if (item.kind === 'stop' && this.#stops.get(item.runId) !== 'abort') this.#stops.set(item.runId, item.stop);
  }

  settled({ runId, epoch }: CallClaim, changes: readonly CallChange[], written: readonly string[]): void {
    if (written.length === 0) return;
    const { session } = this;
    const mine = session?.epoch === epoch && session.run?.runId === runId && session.run.phase.at === 'running';
    this.#judge.expect('S4', mine, () => `calls were settled under epoch ${epoch}; the owner has ${session?.epoch}`);
    if (session)
      this.session = foldCalls(
        session,
        changes.filter(({ callId }) => written.includes(callId)),
      );
  }

  deleted(): void {
    if (!this.session) return;
    this.isDeleted = true;
    this.#listener.deleted();
  }

  get #version(): number {
    return this.session?.version ?? 0;
  }

  #fold(record: CommitRecord): void {
    const before = this.session;
    this.#landed.set(record.token, record.version);
    for (const message of record.messages ?? []) this.transcript.append(message);
    const after = fold(before, record);
    this.session = after;
    const { run } = record;
    if (run?.op === 'start') this.runs.set(run.runId, run);
    if (run?.op === 'start' && run.supersedes) this.#end(before, run.supersedes);
    if (run?.op === 'end') this.#end(before, run);
    if (run?.op === 'end') this.#judgeEnd(after, run);
    if (run?.op === 'park') this.#judgePark(after, run.on);
    if (run?.op !== 'start')
      this.#judge.expect('S9', before?.run?.phase.at !== 'ended', 'an owner writes to a run that is over');
    this.#judgeStep(after);
    this.#countUsage(record);
    if (record.head?.step?.op === 'close' || run?.op === 'start') this.#judgeCounted(before, record.calls);
    this.#listener.decided(kindsOf(record, before), record, before);
  }

  #end(before: SessionSnapshot | null, { outcome }: RunEnd): void {
    const runId = before?.run?.runId ?? '';
    this.#judge.expect('S9', !this.#ended.has(runId), () => `the run ${runId} ends twice`);
    this.#ended.set(runId, outcome);
    const stop = this.#stops.get(runId);
    const wanted = stop === 'abort' ? ['aborted', 'interrupted'] : ['interrupted'];
    if (stop) this.#judge.expect('S6', wanted.includes(outcome), () => `a run with a recorded ${stop} ends ${outcome}`);
  }

  #judgeEnd(after: SessionSnapshot, { outcome, reason, error }: RunEnd): void {
    const { waits, children, step, unread } = after;
    this.#judge.expect(
      'S9',
      waits.length === 0 && children.length === 0 && step?.at !== 'calls',
      'a run ends with something open',
    );
    this.#judge.expect(
      'S4',
      this.transcript.owed.length === 0,
      () => `a run ends and owes the result of ${this.transcript.owed[0]}`,
    );
    if (outcome === 'completed')
      this.#judge.expect(
        'S2',
        unread.length === 0,
        () => `a run completes and leaves unread: ${JSON.stringify(unread)}`,
      );
    if (outcome === 'failed')
      this.#judge.expect(
        'P4',
        honestFailures.has(error?.code ?? ''),
        () => `a run fails with ${error?.code}: ${error?.message}`,
      );
    const stopped = outcome === 'interrupted' || outcome === 'aborted';
    const asked = this.#stops.has(after.run?.runId ?? '');
    this.#judge.expect(
      'S6',
      !stopped || asked || outcome === 'aborted',
      () => `a run ends ${outcome} (${reason}), and nobody stopped it`,
    );
  }

  #judgePark({ waits }: SessionSnapshot, on: readonly string[]): void {
    const open = new Set(waits.map(({ waitId }) => waitId));
    this.#judge.expect(
      'S14',
      on.length > 0 && on.every((waitId) => open.has(waitId)),
      () => `a run parks on ${on.join()}, which is not open`,
    );
  }

  #judgeStep({ step }: SessionSnapshot): void {
    const open = step?.at === 'calls' ? step.calls.map(({ callId }) => callId) : [];
    const same =
      open.length === this.transcript.owed.length && open.every((id, index) => id === this.transcript.owed[index]);
    this.#judge.expect('S4', same, () => `open calls ${open.join()}, but owed results ${this.transcript.owed.join()}`);
  }

  #countUsage({ usage }: CommitRecord): void {
    for (const entry of usage ?? []) {
      if (entry.kind === 'custom') continue;
      const { kind, runId, step } = entry;
      const key = kind === 'tool' ? entry.callId : `${runId} ${step} ${entry.attempt}`;
      this.#judge.expect('S2', !this.#usage.has(key), () => `the call ${key} is counted twice`);
      this.#usage.add(key);
    }
  }

  /** What a body used is in the record by the time that its step is closed, whoever closes it. */
  #judgeCounted(before: SessionSnapshot | null, changes: readonly CallChange[] = []): void {
    const step = before && foldCalls(before, changes).step;
    for (const { callId, kind, toolName, state } of step?.at === 'calls' ? step.calls : []) {
      const ran = state.at === 'settled' && (kind === 'tool' || kind === 'finish') && toolName !== finishToolName;
      this.#judge.expect('S2', !ran || this.#usage.has(callId), () => `the usage of call ${callId} is lost`);
    }
  }
}
