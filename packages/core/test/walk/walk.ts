import type { Decision, Fact } from '../../src/loop/decide/decision.ts';
import { kindOfWait } from '../../src/loop/decide/wait-ids.ts';
import { join, type Draft } from '../../src/loop/owner/draft.ts';
import type { CallChange, CallRecord, CallState } from '../../src/session/call.ts';
import type { CommitRecord } from '../../src/session/commit.ts';
import { fold, foldCalls, foldInbox } from '../../src/session/fold.ts';
import type { InboxEntry, InboxItem } from '../../src/session/inbox.ts';
import type { SessionSnapshot } from '../../src/session/snapshot.ts';
import type { UsageEntry } from '../../src/session/usage.ts';
import type { WaitChange } from '../../src/session/wait.ts';
import { callsOf } from './calls-of.ts';
import { answerIn, messageAt, stopOf } from './delivery.ts';
import { factDraft, userMessage } from './fact-draft.ts';
import type { Folded } from './folded.ts';
import { Picks } from './picks.ts';
import { replyTo } from './reply.ts';

type Body = Partial<Omit<CommitRecord, 'v' | 'token' | 'at' | 'version' | 'epoch'>>;

/** Plays decisions with results that chance picks, while outsiders, clocks and other owners do what they like. */
export class Walk {
  session: SessionSnapshot;
  now = 1_000;
  readonly #picks: Picks;
  readonly #witness: (folded: Folded) => void;

  constructor(drawn: readonly number[], witness: (folded: Folded) => void) {
    this.#picks = new Picks(drawn);
    this.#witness = witness;
    const create = { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null };
    const about = { v: 1, token: 't', at: 0, version: 1, epoch: 1 } as const;
    const commit: CommitRecord = { ...about, run: this.#start(), head: { create } };
    this.session = fold(null, commit);
    witness({ before: null, after: this.session, commit });
    this.#claimQueued();
  }

  get over(): boolean {
    return this.#picks.over;
  }

  /** Something happens beside the owner's work. */
  disturb(): void {
    const { session, now } = this;
    const picks = this.#picks;
    switch (picks.pick(14)) {
      case 0:
        return this.#deliver(messageAt(now, picks));
      case 1:
        if (picks.pick(3) === 0) this.#deliver(stopOf(session, now, picks));
        return;
      case 2:
      case 3:
        return this.#deliver(answerIn(session, now, picks));
      case 4:
        this.now += this.#picks.pick(3) * 500;
        return;
      case 5:
        return this.#takeOver();
      case 6:
        return this.#settleOutside();
      default:
    }
  }

  /** Carries out a decision, and says what it came to. */
  perform(decision: Decision): void {
    switch (decision.kind) {
      case 'call-model':
        return this.#commit(replyTo(decision, this.session, this.now, this.#picks));
      case 'dispatch':
        return this.#dispatch([...decision.tools, ...decision.children]);
      case 'reconcile':
        return this.#commit({ calls: decision.calls.map((callId) => ({ callId, state: this.#reconciled(callId) })) });
      case 'fold':
        return this.#commit(this.#written(decision.facts));
      case 'park':
        return this.#park(decision);
      case 'end':
        if (this.session.run?.phase.at === 'ended') return this.#enter();
        return this.#commit({
          run: { op: 'end', outcome: decision.outcome, reason: decision.cause.reason, endedAt: this.now },
          head: { consumes: this.session.unread.flatMap(({ seq, item }) => (item.kind === 'stop' ? [seq] : [])) },
        });
    }
  }

  /** The next turn; who made it drives it, or somebody claims it. */
  #enter(): void {
    this.#commit({ run: this.#start(), messages: [userMessage] });
    this.#claimQueued();
  }

  #claimQueued(): void {
    if (this.session.run?.phase.at === 'queued') this.#takeOver();
  }

  /** Sent by a commit; then the owner dies, or the bodies settle. */
  #dispatch(callIds: readonly string[]): void {
    const { epoch } = this.session;
    const attempt = (callId: string) => (this.#call(callId)?.attempts ?? 0) + 1;
    this.#commit({
      calls: callIds.map((callId) => ({ callId, state: { at: 'sent', attempt: attempt(callId), epoch } })),
    });
    const luck = this.#picks.pick(6);
    if (luck === 0) return;
    if (luck === 1) this.#settleOutside();
    this.#commit({ calls: callIds.map((callId) => ({ callId, state: this.#settled(callId) })) });
  }

  #reconciled(callId: string): CallState {
    const attempts = this.#call(callId)?.attempts ?? 0;
    if (this.#picks.pick(3) === 0 && attempts < 3)
      return { at: 'sent', attempt: attempts + 1, epoch: this.session.epoch };
    return this.#picks.pick(2) === 0 ? { at: 'unknown', note: '' } : this.#settled(callId);
  }

  #settled(callId: string): CallState {
    const finishes = this.#call(callId)?.kind === 'finish' && this.#picks.pick(4) > 0;
    return { at: 'settled', result: null, ...(finishes && { finishes }) };
  }

  #written(facts: readonly Fact[]): Draft {
    const written = (fact: Fact) => factDraft(this.session, fact, this.now, this.#picks);
    return facts.reduce<Draft>((draft, fact) => join(draft, written(fact)), {});
  }

  #park({ on, wakeAt }: Extract<Decision, { kind: 'park' }>): void {
    if (on.length === 0) {
      this.now = Math.max(this.now, wakeAt ?? 0);
      return;
    }
    const known = new Set(this.session.waits.map(({ waitId }) => waitId));
    const missing = on.filter((waitId) => !known.has(waitId));
    const opened = missing.map((waitId): WaitChange => {
      return { op: 'open', wait: { v: 1, waitId, kind: kindOfWait(waitId), generation: 0, runId: 'r' } };
    });
    this.#commit({ run: { op: 'park', on }, waits: opened });
  }

  #takeOver(): void {
    const phase = this.session.run?.phase.at;
    if (phase === 'ended') return;
    const run = { op: 'claim', holderId: this.#picks.name('h'), takeover: phase === 'running' } as const;
    this.#commit({ run }, this.session.epoch + 1);
  }

  #settleOutside(): void {
    const sent = this.#open().filter(({ state }) => state.at === 'sent');
    const usage: UsageEntry = { v: 1, kind: 'custom', runId: 'r', step: 1, name: 'n', data: 1, at: this.now };
    const changes = sent.map(({ callId }): CallChange => {
      return { callId, state: this.#settled(callId), ...(this.#picks.pick(2) === 0 && { usage: [usage] }) };
    });
    const before = this.session;
    const moved = changes.slice(0, 1 + this.#picks.pick(2));
    this.session = foldCalls(before, moved);
    this.#witness({ before, after: this.session, moved });
  }

  #deliver(item: InboxItem): void {
    if (this.session.run?.phase.at === 'ended' && item.kind === 'stop') return;
    this.#read([{ v: 1, seq: this.session.inbox + 1, item }]);
    // Who reads the inbox twice reads it again.
    if (this.#picks.pick(8) === 0) this.#read(this.session.unread);
  }

  #read(entries: readonly InboxEntry[]): void {
    const before = this.session;
    this.session = foldInbox(before, entries);
    this.#witness({ before, after: this.session, entries });
  }

  #commit(body: Body, epoch = this.session.epoch): void {
    const before = this.session;
    const version = before.version + 1;
    const commit: CommitRecord = { v: 1, token: `t${version}`, at: this.now, version, epoch, ...body };
    this.session = fold(before, commit);
    this.#witness({ before, after: this.session, commit });
  }

  #start() {
    const about = { sessionId: 's', agentType: 'a', runtime: 'js', key: null, startSequence: 0 };
    const claim = this.#picks.pick(4) === 0 ? {} : { claim: { holderId: 'h' } };
    return {
      op: 'start',
      entry: 'execute',
      turn: 1,
      runId: this.#picks.name('r'),
      startedAt: 0,
      ...claim,
      ...about,
    } as const;
  }

  #open(): readonly CallRecord[] {
    return callsOf(this.session.step);
  }

  #call(callId: string): CallRecord | undefined {
    return this.#open().find((call) => call.callId === callId);
  }
}
