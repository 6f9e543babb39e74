// Would catch: a history after which nothing happens any more, or the same thing for ever; and a decision that nobody foresaw.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentPolicy } from '../../agent/agent-policy.ts';
import { isFinal, type CallChange, type CallKind, type CallRecord, type CallState } from '../../session/call.ts';
import type { CommitRecord, StepChange } from '../../session/commit.ts';
import { fold, foldCalls, foldInbox } from '../../session/fold.ts';
import type { InboxItem } from '../../session/inbox.ts';
import type { OpenStep, SessionSnapshot, StepVerdict } from '../../session/snapshot.ts';
import type { ChildChange, WaitAnswer, WaitChange, WaitRecord } from '../../session/wait.ts';
import { wakeAtOf } from '../../session/wake-at.ts';
import { join, type Draft } from '../owner/draft.ts';
import { answerWait, timeOutWait } from '../step/answer-wait.ts';
import { decide } from './decide.ts';
import type { Decision, Fact } from './decision.ts';
import { kindOfWait } from './wait-ids.ts';

type Body = Partial<Omit<CommitRecord, 'v' | 'token' | 'at' | 'version' | 'epoch'>>;

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
class Walk {
  session: SessionSnapshot;
  now = 1_000;
  readonly #picks: readonly number[];
  #next = 0;
  #names = 0;

  constructor(picks: readonly number[]) {
    this.#picks = picks;
    const create = { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null };
    this.session = fold(null, {
      v: 1,
      token: 't',
      at: 0,
      version: 1,
      epoch: 1,
      run: this.#start(),
      head: { create },
    });
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
        if (this.session.run?.phase.at === 'ended') return this.#commit({ run: this.#start() });
        return this.#commit({
          run: { op: 'end', outcome: decision.outcome, reason: decision.cause.reason, endedAt: this.now },
          head: { consumes: this.session.unread.flatMap(({ seq, item }) => (item.kind === 'stop' ? [seq] : [])) },
        });
    }
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
    const usage: CommitRecord['usage'] = [{ v: 1, kind: 'tokens', ...place, tokens: used, durationMs: 1 }];
    if (outcome === 1) {
      const verdict = this.#pick(4) === 0 ? ({ is: 'done', reason: 'reply', output: '' } as const) : this.#verdict();
      return { usage, head: { step: { op: 'reply', ...base, calls: [], verdict } } };
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
    if (this.#pick(5) === 0) return;
    this.#commit({ calls: callIds.map((callId) => ({ callId, state: { at: 'settled', result: null } })) });
  }

  #reconciled(callId: string): CallState {
    const attempts = this.#call(callId)?.attempts ?? 0;
    if (this.#pick(3) === 0 && attempts < 3) return { at: 'sent', attempt: attempts + 1, epoch: this.session.epoch };
    return this.#pick(2) === 0 ? { at: 'unknown', note: '' } : { at: 'settled', result: null };
  }

  #folded(fact: Fact): Draft {
    const { waits, unread, children } = this.session;
    const wait = 'waitId' in fact ? waits.find(({ waitId }) => waitId === fact.waitId) : undefined;
    const item = 'seq' in fact ? unread.find(({ seq }) => seq === fact.seq)?.item : undefined;
    if (fact.fact === 'results') return { head: { step: { op: 'close', verdict: this.#verdict() } } };
    if (fact.fact === 'timeout' && wait) return timeOutWait(wait, children);
    if (fact.fact === 'answer' && wait && item?.kind === 'answer')
      return join(answerWait(wait, item.answer), { head: { consumes: [fact.seq] } });
    if (fact.fact === 'news') return { head: { consumes: [fact.seq] } };
    return {
      ...(this.session.step?.at === 'calls' && { head: { step: { op: 'close', verdict: { is: 'continue' } } } }),
      waits: waits.map(({ waitId }) => ({ op: 'close', waitId, how: 'superseded' })),
      children: children.map(({ delegationId }) => ({ op: 'remove', delegationId, how: 'detached' })),
    };
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
    const changes = sent.map(({ callId }): CallChange => ({ callId, state: { at: 'settled', result: null } }));
    this.session = foldCalls(this.session, changes.slice(0, 1 + this.#pick(2)));
  }

  #deliver(item: InboxItem): void {
    if (this.session.run?.phase.at === 'ended' && item.kind === 'stop') return;
    this.session = foldInbox(this.session, [{ v: 1, seq: this.session.inbox + 1, item }]);
  }

  #commit(body: Body, epoch = this.session.epoch): void {
    const version = this.session.version + 1;
    this.session = fold(this.session, { v: 1, token: `t${version}`, at: this.now, version, epoch, ...body });
  }

  #start() {
    const about = { sessionId: 's', agentType: 'a', runtime: 'js', key: null, startSequence: 0 };
    const runId = this.#name('r');
    return { op: 'start', entry: 'execute', turn: 1, runId, startedAt: 0, claim: { holderId: 'h' }, ...about } as const;
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

function callsOf(step: OpenStep | null): readonly CallRecord[] {
  return step?.at === 'calls' ? step.calls : [];
}

/** What is unread or unfolded: each fold must leave less of it. */
function left({ unread, waits, children, step }: SessionSnapshot): number {
  return unread.length + waits.length + children.length + (step?.at === 'calls' ? 1 : 0);
}

/** (step, attempt, sent): each dispatch or model call must raise it. */
function progress({ run, step }: SessionSnapshot): readonly number[] {
  const sent = callsOf(step).reduce((sum, { attempts, state }) => sum + attempts + (isFinal(state) ? 1 : 0), 0);
  return [Math.max(run?.stepCount ?? 0, step?.step ?? 0), step?.at === 'failed' ? step.attempt : Infinity, sent];
}

function isAbove(after: readonly number[], before: readonly number[]): boolean {
  const at = after.findIndex((value, index) => value !== before[index]);
  return at >= 0 && (after[at] ?? 0) > (before[at] ?? 0);
}

/** Which exit of `decide` a decision came through. */
function exitOf(decision: Decision, { run, step, waits }: SessionSnapshot): string {
  switch (decision.kind) {
    case 'end':
      if (run?.phase.at === 'ended') return 'ended before';
      return `end ${decision.outcome} ${decision.cause.code ?? decision.cause.reason}`;
    case 'fold':
      return `fold ${decision.facts.map(({ fact }) => fact).at(0)}`;
    case 'call-model':
      return step?.at === 'failed' ? 'call-model again' : `call-model ${decision.mode}`;
    case 'dispatch': {
      const calls = callsOf(step).filter(({ callId }) => decision.tools.includes(callId));
      if (decision.children.length > 0) return 'dispatch child';
      if (calls.some(({ kind }) => kind === 'finish')) return 'dispatch finish';
      return calls.length > 1 ? 'dispatch several' : 'dispatch one';
    }
    case 'park': {
      const [waitId] = decision.on;
      if (waitId === undefined) return 'park backoff';
      const kind = waits.find((wait) => wait.waitId === waitId)?.kind ?? kindOfWait(waitId);
      return kind === 'budget' || kind === 'operator' ? `park ${kind}` : 'park call';
    }
    default:
      return decision.kind;
  }
}

const exits = [
  'ended before',
  'end aborted superseded',
  'fold stop',
  'end interrupted stop',
  'end aborted stop',
  'park operator',
  'reconcile',
  'fold answer',
  'fold timeout',
  'fold results',
  'dispatch several',
  'dispatch one',
  'dispatch finish',
  'dispatch child',
  'park call',
  'end failed error',
  'park backoff',
  'call-model again',
  'fold news',
  'end completed reply',
  'end completed stop_when',
  'end failed framework_output_missing',
  'end failed framework_max_steps',
  'park budget',
  'call-model compact',
  'call-model forced',
  'call-model final-step',
  'call-model normal',
];

const policies: fc.Arbitrary<AgentPolicy> = fc.record({
  maxSteps: fc.constantFrom(2, 4, Infinity),
  owesOutput: fc.boolean(),
  sequential: fc.boolean(),
  maxMisses: fc.constantFrom(2, 3),
  maxTakeovers: fc.constantFrom(2, 5),
  tokenBudget: fc.constantFrom(null, null, 60),
  compactAboveTokens: fc.constantFrom(null, null, 30),
});
const histories = fc.array(fc.nat(), { minLength: 40, maxLength: 300, size: 'max' });

describe('over any history', { timeout: 60_000 }, () => {
  const reached = new Map<string, number>();

  it('each decision gets on with it, and decide never throws', () => {
    fc.assert(
      fc.property(histories, policies, (picks, policy) => {
        const walk = new Walk(picks);
        const none = { ...walk.session, run: null };
        reached.set(exitOf(decide(none, policy, walk.now), none), 1);
        while (!walk.over) {
          walk.disturb();
          const before = walk.session;
          const decision = decide(before, policy, walk.now);
          expect(decide(before, policy, walk.now)).toEqual(decision);
          const exit = exitOf(decision, before);
          reached.set(exit, (reached.get(exit) ?? 0) + 1);
          walk.perform(decision);
          expect(problemOf(decision, before, walk, policy)).toBeNull();
        }
      }),
      { numRuns: 1_500, seed: 20_251_121 },
    );
  });

  it('every exit of decide is reached', () => {
    const counts = exits.map((exit) => `${String(reached.get(exit) ?? 0).padStart(7)}  ${exit}`);
    process.stdout.write(`decide, exits reached by random histories:\n${counts.join('\n')}\n`);
    expect(exits.filter((exit) => !reached.has(exit))).toEqual([]);
    expect([...reached.keys()].filter((exit) => !exits.includes(exit))).toEqual([]);
  });
});

/** Why a decision did not get on with it; null where it did. */
function problemOf(decision: Decision, before: SessionSnapshot, walk: Walk, policy: AgentPolicy): string | null {
  const { session: after, now } = walk;
  switch (decision.kind) {
    case 'fold':
      return left(after) < left(before) ? null : 'a fold left as much as there was';
    case 'dispatch':
    case 'call-model':
      return isAbove(progress(after), progress(before)) ? null : 'nothing was raised';
    case 'reconcile':
      return JSON.stringify(after.step) === JSON.stringify(before.step) ? 'nothing was explained' : null;
    case 'park':
      if (decision.on.length === 0) return decision.wakeAt === undefined ? 'a park waits for nothing' : null;
      // Parked is parked: nobody is woken to decide the same again.
      if ((wakeAtOf(after) ?? Infinity) <= now) return 'a parked run is due at once';
      return JSON.stringify(decide(after, policy, now)) === JSON.stringify(decision) ? null : 'a park is not stable';
    default:
      return null;
  }
}
