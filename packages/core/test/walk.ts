import type { CallChange, CallKind, CallRecord, CallState } from '../src/session/call.ts';
import type { CommitRecord, StepChange } from '../src/session/commit.ts';
import { fold, foldCalls, foldInbox } from '../src/session/fold.ts';
import type { InboxEntry, InboxItem } from '../src/session/inbox.ts';
import type { NewMessage } from '../src/session/message.ts';
import type { OpenStep, SessionSnapshot, StepVerdict } from '../src/session/snapshot.ts';
import type { UsageEntry } from '../src/session/usage.ts';
import type { ChildChange, WaitAnswer, WaitChange, WaitRecord } from '../src/session/wait.ts';
import { answerWait, timeOutWait } from '../src/loop/step/answer-wait.ts';
import type { Decision, Fact } from '../src/loop/decide/decision.ts';
import { join, type Draft } from '../src/loop/owner/draft.ts';
import { kindOfWait } from '../src/loop/decide/wait-ids.ts';

type Body = Partial<Omit<CommitRecord, 'v' | 'token' | 'at' | 'version' | 'epoch'>>;

/** One change of the snapshot, and what changed it. */
export interface Folded {
  readonly before: SessionSnapshot | null;
  readonly after: SessionSnapshot;
  readonly commit?: CommitRecord;
  /** What outsiders delivered. */
  readonly entries?: readonly InboxEntry[];
  /** Calls that moved by themselves. */
  readonly moved?: readonly CallChange[];
}

const error = { message: 'no', code: 'provider_error', category: 'provider', retryable: true } as const;
const verdicts: readonly StepVerdict[] = [
  { is: 'continue' },
  { is: 'continue' },
  { is: 'done', reason: 'stop_when' },
  { is: 'needs-output', misses: 1 },
  { is: 'needs-output', misses: 2 },
  { is: 'broken', error },
];

/** Plays decisions with results that chance picks, while outsiders, clocks and other owners do what they like. */
export class Walk {
  session: SessionSnapshot;
  now = 1_000;
  readonly #picks: readonly number[];
  readonly #witness: (folded: Folded) => void;
  #next = 0;
  #names = 0;

  constructor(picks: readonly number[], witness: (folded: Folded) => void) {
    this.#picks = picks;
    this.#witness = witness;
    const create = { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null };
    const about = { v: 1, token: 't', at: 0, version: 1, epoch: 1 } as const;
    const commit: CommitRecord = { ...about, run: this.#start(), head: { create } };
    this.session = fold(null, commit);
    witness({ before: null, after: this.session, commit });
    this.#claimQueued();
  }

  get over(): boolean {
    return this.#next >= this.#picks.length;
  }

  /** Something happens beside the owner's work. */
  disturb(): void {
    const { session } = this;
    const runId = session.run?.runId ?? '';
    switch (this.#pick(14)) {
      case 0:
        return this.#deliver({ kind: 'message', messageId: this.#name('m'), parts: [], at: this.now });
      case 1:
        if (this.#pick(3) > 0) return;
        return this.#deliver({
          kind: 'stop',
          runId: this.#pick(4) === 0 ? 'other' : runId,
          stop: this.#pick(2) === 0 ? 'abort' : 'interrupt',
          at: this.now,
        });
      case 2:
      case 3:
        return this.#answer();
      case 4:
        this.now += this.#pick(3) * 500;
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
        return this.#commit(this.#reply(decision));
      case 'dispatch':
        return this.#dispatch([...decision.tools, ...decision.children]);
      case 'reconcile':
        return this.#commit({ calls: decision.calls.map((callId) => ({ callId, state: this.#reconciled(callId) })) });
      case 'fold':
        return this.#commit(decision.facts.reduce<Draft>((draft, fact) => join(draft, this.#folded(fact)), {}));
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

  #reply({ step, mode, attempt }: Extract<Decision, { kind: 'call-model' }>): Body {
    const base = { step, mode, attempt } as const;
    const outcome = this.#pick(5);
    if (outcome === 0) {
      const retryAt = this.#pick(4) === 0 ? null : this.now + this.#pick(2) * 100;
      return { head: { step: { op: 'failed', ...base, error, retryAt } } };
    }
    const used = { input: 10 * this.#pick(6), output: 5, total: 20 };
    const place = { runId: this.session.run?.runId ?? '', step, attempt, at: this.now };
    const tokens: UsageEntry = { v: 1, kind: 'tokens', ...place, tokens: used, durationMs: 1 };
    // Not every provider says what a reply took.
    const usage = this.#pick(6) === 0 ? [] : [tokens];
    if (outcome === 1) {
      const verdict = this.#pick(4) === 0 ? ({ is: 'done', reason: 'reply', output: '' } as const) : this.#verdict();
      return { usage, head: { streamSequence: this.now, step: { op: 'reply', ...base, calls: [], verdict } } };
    }
    return { usage, ...this.#calls({ op: 'reply', ...base, calls: [] }) };
  }

  #calls(step: Extract<StepChange, { op: 'reply' }>): Body {
    const waits: WaitChange[] = [];
    const children: ChildChange[] = [];
    const calls = Array.from({ length: 1 + this.#pick(3) }, (): CallRecord => {
      const callId = this.#name('c');
      const kind = (['tool', 'tool', 'client', 'child', 'finish'] as const)[this.#pick(5)] ?? 'tool';
      const isGated = kind === 'client' || (kind !== 'finish' && this.#pick(4) === 0);
      if (kind === 'child') children.push({ op: 'add', child: childOf(callId) });
      if (isGated) waits.push({ op: 'open', wait: this.#wait(callId, kind) });
      const gate = isGated ? ({ at: 'closed', waitId: `w-${callId}` } as const) : ({ at: 'open' } as const);
      const state: CallState = this.#pick(8) === 0 && !isGated ? { at: 'failed', error } : { at: 'planned' };
      const about = { toolName: 'f', input: {}, replay: 'safe', sequential: this.#pick(4) === 0 } as const;
      return { v: 1, callId, kind, gate, state, attempts: 0, ...about };
    });
    return { head: { step: { ...step, calls } }, waits, children };
  }

  #wait(callId: string, callKind: CallKind): WaitRecord {
    const kind = callKind === 'client' ? 'client-tool' : callKind === 'child' ? 'child' : 'approval';
    const deadline = this.#pick(2) === 0 ? { deadline: this.now + this.#pick(3) * 300 } : {};
    const delegation = callKind === 'child' ? { delegationId: `d-${callId}` } : {};
    return { v: 1, waitId: `w-${callId}`, kind, generation: 0, runId: 'r', callId, ...delegation, ...deadline };
  }

  /** Sent by a commit; then the owner dies, or the bodies settle. */
  #dispatch(callIds: readonly string[]): void {
    const { epoch } = this.session;
    const attempt = (callId: string) => (this.#call(callId)?.attempts ?? 0) + 1;
    this.#commit({
      calls: callIds.map((callId) => ({ callId, state: { at: 'sent', attempt: attempt(callId), epoch } })),
    });
    const luck = this.#pick(6);
    if (luck === 0) return;
    if (luck === 1) this.#settleOutside();
    this.#commit({ calls: callIds.map((callId) => ({ callId, state: this.#settled(callId) })) });
  }

  #reconciled(callId: string): CallState {
    const attempts = this.#call(callId)?.attempts ?? 0;
    if (this.#pick(3) === 0 && attempts < 3) return { at: 'sent', attempt: attempts + 1, epoch: this.session.epoch };
    return this.#pick(2) === 0 ? { at: 'unknown', note: '' } : this.#settled(callId);
  }

  #settled(callId: string): CallState {
    const finishes = this.#call(callId)?.kind === 'finish' && this.#pick(4) > 0;
    return { at: 'settled', result: null, ...(finishes && { finishes }) };
  }

  #folded(fact: Fact): Draft {
    const { waits, unread, children } = this.session;
    const wait = 'waitId' in fact ? waits.find(({ waitId }) => waitId === fact.waitId) : undefined;
    const item = 'seq' in fact ? unread.find(({ seq }) => seq === fact.seq)?.item : undefined;
    if (fact.fact === 'results')
      return { head: { step: { op: 'close', verdict: this.#verdict() }, ...this.#writes() } };
    if (fact.fact === 'timeout' && wait) return timeOutWait(wait, children);
    if (fact.fact === 'answer' && wait && item?.kind === 'answer')
      return join(answerWait(wait, item.answer), { head: { consumes: [fact.seq] } });
    if (fact.fact === 'news') {
      const head = { consumes: [fact.seq], ...(fact.verdictStays && { verdictStays: true as const }) };
      return { head, ...(item?.kind === 'message' && { messages: [userMessage] }) };
    }
    return {
      ...(this.session.step?.at === 'calls' && { head: { step: { op: 'close', verdict: { is: 'continue' } } } }),
      waits: waits.map(({ waitId }) => ({ op: 'close', waitId, how: 'superseded' })),
      children: children.map(({ delegationId }) => ({ op: 'remove', delegationId, how: 'detached' })),
    };
  }

  #writes(): Draft['head'] {
    return this.#pick(2) === 0 ? {} : { state: [{ op: 'add', path: '/at', value: this.now }] };
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

  #answer(): void {
    const wait = this.session.waits[this.#pick(Math.max(1, this.session.waits.length))];
    const waitId = wait && this.#pick(4) > 0 ? wait.waitId : 'closed';
    const generation = this.#pick(8) === 0 ? 1 : 0;
    this.#deliver({ kind: 'answer', waitId, generation, answer: this.#answerTo(wait), at: this.now });
  }

  #answerTo(wait: WaitRecord | undefined): WaitAnswer {
    if (wait?.kind === 'approval')
      return { kind: 'approval-response', approved: this.#pick(2) === 0, argumentsHash: '' };
    if (wait?.kind === 'budget') return { kind: 'budget', extraTokens: 30 };
    if (wait?.kind === 'operator') return { kind: 'continue' };
    if (wait?.kind !== 'child') return { kind: 'client-tool-result', result: null };
    const delegationId = wait.delegationId ?? '';
    return { kind: 'child-outcome', delegationId, result: { status: 'completed', output: null } };
  }

  #takeOver(): void {
    const phase = this.session.run?.phase.at;
    if (phase === 'ended') return;
    const run = { op: 'claim', holderId: this.#name('h'), takeover: phase === 'running' } as const;
    this.#commit({ run }, this.session.epoch + 1);
  }

  #settleOutside(): void {
    const sent = this.#open().filter(({ state }) => state.at === 'sent');
    const usage: UsageEntry = { v: 1, kind: 'custom', runId: 'r', step: 1, name: 'n', data: 1, at: this.now };
    const changes = sent.map(({ callId }): CallChange => {
      return { callId, state: this.#settled(callId), ...(this.#pick(2) === 0 && { usage: [usage] }) };
    });
    const before = this.session;
    const moved = changes.slice(0, 1 + this.#pick(2));
    this.session = foldCalls(before, moved);
    this.#witness({ before, after: this.session, moved });
  }

  #deliver(item: InboxItem): void {
    if (this.session.run?.phase.at === 'ended' && item.kind === 'stop') return;
    this.#read([{ v: 1, seq: this.session.inbox + 1, item }]);
    // Who reads the inbox twice reads it again.
    if (this.#pick(8) === 0) this.#read(this.session.unread);
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
    const claim = this.#pick(4) === 0 ? {} : { claim: { holderId: 'h' } };
    return {
      op: 'start',
      entry: 'execute',
      turn: 1,
      runId: this.#name('r'),
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

  #verdict(): StepVerdict {
    return verdicts[this.#pick(verdicts.length)] ?? { is: 'continue' };
  }

  #name(prefix: string): string {
    return `${prefix}${(this.#names += 1)}`;
  }

  #pick(below: number): number {
    const pick = this.#picks[this.#next] ?? 0;
    this.#next += 1;
    return pick % below;
  }
}

function childOf(callId: string) {
  const ids = { delegationId: `d-${callId}`, callId, childSessionId: `s-${callId}` };
  return { v: 1, generation: 0, agentType: 'child', ...ids } as const;
}

/** The calls of an open step. */
export function callsOf(step: OpenStep | null): readonly CallRecord[] {
  return step?.at === 'calls' ? step.calls : [];
}

const userMessage: NewMessage = {
  v: 1,
  id: 'm',
  role: 'user',
  parts: [{ type: 'text', text: 'Hi' }],
  runId: 'r',
  createdAt: 0,
};
