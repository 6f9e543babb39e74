import { wakeAtOf, type CommitRecord, type SessionSnapshot } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { InMemoryStreamManager } from '@helix-agents/store-memory';
import { Callers } from './callers.ts';
import type { Coverage } from './coverage.ts';
import type { DecisionKind } from './decision-kinds.ts';
import { EffectRules } from './effect-rules.ts';
import { finalRules, type Ended } from './final-rules.ts';
import type { Network } from './network.ts';
import { Outsiders } from './outsiders.ts';
import type { OwnerProcess } from './owner-process.ts';
import type { Plan } from './plan.ts';
import { outside } from './processes.ts';
import { RecordRules } from './record-rules.ts';
import { RemoteStore } from './remote-store.ts';
import type { Scheduler } from './scheduler.ts';
import type { Judge } from './violation.ts';
import type { WitnessedStore } from './witnessed-store.ts';

/** What a session finds around it. */
export interface StoryParts {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly plan: Plan;
  readonly store: WitnessedStore;
  readonly streams: InMemoryStreamManager;
  readonly say: (line: () => string) => void;
  readonly fails: (who: OwnerProcess | null, error: unknown) => void;
}

/** One session of a world: who asks something of it, and the rules that it is judged by. */
export class Story implements Ended {
  readonly sessionId: string;
  readonly record: RecordRules;
  readonly effects: EffectRules;
  readonly outsiders: Outsiders;
  readonly callers: Callers;
  readonly judge: Judge;
  readonly store: WitnessedStore;
  readonly streams: InMemoryStreamManager;
  readonly say: StoryParts['say'];
  /** Whether all of what was streamed can be there: a writer may have died, or the stream may have been out of reach. */
  stream: 'whole' | 'short' | 'out of reach' = 'whole';
  /** When something of the session changed last. */
  changedAt = 0;
  readonly #parts: StoryParts;
  #final: 'asked' | 'passed' | undefined;

  constructor(sessionId: string, parts: StoryParts) {
    const { chance, scheduler, network, judge, store, streams, say } = parts;
    this.#parts = parts;
    this.sessionId = sessionId;
    this.judge = judge;
    this.store = store;
    this.streams = streams;
    this.say = say;
    this.record = new RecordRules(judge, (kinds, record, before) => this.#decided(kinds, record, before));
    this.effects = new EffectRules(this.record, judge, 3, () => scheduler.now);
    this.outsiders = new Outsiders(chance, new RemoteStore(store, network, outside), sessionId);
    this.callers = new Callers({ chance, sessionId, judge, record: this.record, say, fails: parts.fails });
  }

  tears(stream: 'short' | 'out of reach'): void {
    if (this.stream !== 'out of reach') this.stream = stream;
  }

  /** Whether nothing is due: somebody must act, or it is over; and all who asked for something have an answer. */
  get rests(): boolean {
    const { session } = this.record;
    if (!this.callers.areAnswered) return false;
    const phase = session?.run?.phase;
    return phase?.at === 'ended' || (phase?.at === 'parked' && wakeAtOf(session!) !== 0);
  }

  get isParked(): boolean {
    return this.record.session?.run?.phase.at === 'parked';
  }

  /** Everybody does what the session waits for: an operator resumes it, or answers. */
  goOn(process: OwnerProcess): void {
    const { session } = this.record;
    if (!session) return;
    const forOperator = session.waits.some(({ kind }) => kind === 'operator');
    if (forOperator && this.#parts.plan.operatorResumes) this.callers.goOn(process, 'resume');
    else this.outsiders.answerAll(session);
  }

  /** Judges it as a whole. True once that is done. */
  judged(): boolean {
    if (this.#final === undefined) {
      this.#final = 'asked';
      const judged = () => void (this.#final = 'passed');
      finalRules(this, this.sessionId).then(judged, (error: unknown) => this.#parts.fails(null, error));
    }
    return this.#final === 'passed';
  }

  #decided(kinds: readonly DecisionKind[], { version, run }: CommitRecord, before: SessionSnapshot | null): void {
    const { coverage, judge, plan, scheduler } = this.#parts;
    this.changedAt = scheduler.now;
    this.say(() => `  ${this.sessionId} version ${version}: ${kinds.join(', ')}`);
    if (before && run?.op === 'start' && run.supersedes) this.effects.superseded(before);
    coverage.decided(kinds);
    if (kinds.includes('takeover')) {
      this.tears('short');
      judge.expect('S14', !plan.calm, 'a session is taken over although nothing went wrong');
    }
    if (this.record.session) this.outsiders.see(this.record.session);
  }
}
