import { streamIdOf, wakeAtOf, type CommitRecord, type SessionSnapshot } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { Coverage } from '../coverage.ts';
import type { DecisionKind } from '../decision-kinds.ts';
import type { Plan } from '../plan.ts';
import { Callers, type Known } from '../processes/callers.ts';
import { Outsiders } from '../processes/outsiders.ts';
import type { OwnerProcess } from '../processes/owner-process.ts';
import { outside } from '../processes/processes.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Locks } from '../stores/locks.ts';
import type { Network } from '../stores/network.ts';
import { RemoteStore } from '../stores/remote-store.ts';
import { RemoteStreams } from '../stores/remote-streams.ts';
import type { Witness, WitnessedStore } from '../stores/witnessed-store.ts';
import { EffectRules } from './effect-rules.ts';
import { finalRules, type Ended } from './final-rules.ts';
import type { Life } from './life.ts';
import { RecordRules } from './record-rules.ts';
import type { Judge } from './violation.ts';

/** What a session finds around it. */
export interface StoryParts {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly plan: Plan;
  readonly store: WitnessedStore;
  readonly locks: Locks;
  readonly streams: InMemoryStreamManager;
  readonly say: (line: () => string) => void;
  readonly fails: (who: OwnerProcess | null, error: unknown) => void;
}

/** One session of a world, or one after the other under the same id: who asks something of it, and the rules that it is judged by. */
export class Story implements Ended, Known {
  readonly sessionId: string;
  readonly outsiders: Outsiders;
  readonly callers: Callers;
  readonly judge: Judge;
  readonly store: WitnessedStore;
  readonly streams: InMemoryStreamManager;
  readonly say: StoryParts['say'];
  /** Whether all of what the session streamed can be there: a writer may have died, or the stream may have been out of reach. */
  stream: 'whole' | 'short' | 'out of reach' = 'whole';
  /** When something of the session changed last. */
  changedAt = 0;
  readonly #parts: StoryParts;
  readonly #lives: Life[];
  #final: 'asked' | 'passed' | undefined;

  constructor(sessionId: string, parts: StoryParts) {
    const { chance, network, judge, store, streams, say } = parts;
    this.#parts = parts;
    this.sessionId = sessionId;
    this.judge = judge;
    this.store = store;
    this.streams = streams;
    this.say = say;
    this.#lives = [this.#begin()];
    const remote = new RemoteStreams(streams, network, outside, () => {});
    this.outsiders = new Outsiders(chance, new RemoteStore(store, network, outside, parts.locks), remote, sessionId);
    this.callers = new Callers({ chance, sessionId, judge, known: this, say, fails: parts.fails });
  }

  /** Where the sessions were streamed that were deleted. */
  get formerStreams(): readonly string[] {
    return this.#lives.slice(0, -1).flatMap(({ record }) => (record.session ? [streamIdOf(record.session)] : []));
  }

  /** The session that is there now, or would be. */
  get life(): Life {
    return this.#lives.at(-1)!;
  }

  get record(): RecordRules {
    return this.life.record;
  }

  get effects(): EffectRules {
    return this.life.effects;
  }

  get witness(): Witness {
    return this.record;
  }

  /** The session that an owner took: it may have been deleted since. */
  lifeOf({ run }: SessionSnapshot): Life {
    return this.#lives.findLast(({ record }) => record.runs.has(run?.runId ?? '')) ?? this.life;
  }

  get lives(): number {
    return this.#lives.length;
  }

  get session(): SessionSnapshot | null {
    return this.record.session;
  }

  runOf(key: string): string | undefined {
    return this.record.runOf(key);
  }

  run(runId: string) {
    return this.#lives.findLast(({ record }) => record.runs.has(runId))?.record.runs.get(runId);
  }

  /** Whether there was no session yet. */
  get neverWas(): boolean {
    return this.lives === 1 && !this.session;
  }

  /** Whether it was deleted, and not made anew. */
  get isDeleted(): boolean {
    return this.lives > 1 && !this.session;
  }

  /** Whether nothing was lost that would have taken the stream of a deleted session with it. */
  get mustLeaveNoStream(): boolean {
    const { plan, coverage } = this.#parts;
    const { lostRequest, lostReply, streamLost } = plan.weather;
    return !plan.drowsy && lostRequest + lostReply + streamLost === 0 && !coverage.counts.faults['crash'];
  }

  /** `session`: that of an owner; what it cannot write of one that was deleted is missing nowhere. */
  tears(stream: 'short' | 'out of reach', session?: SessionSnapshot): void {
    if (session && this.lifeOf(session) !== this.life) return;
    if (this.stream !== 'out of reach') this.stream = stream;
  }

  /** Whether nothing is due: somebody must act, or it is over; and all who asked for something have an answer. */
  get rests(): boolean {
    const { session } = this;
    if (!this.callers.areAnswered) return false;
    const phase = session?.run?.phase;
    return this.isDeleted || phase?.at === 'ended' || (phase?.at === 'parked' && wakeAtOf(session!) !== 0);
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

  #begin(): Life {
    const { judge, scheduler } = this.#parts;
    const record = new RecordRules(judge, {
      decided: (...commit) => this.#decided(...commit),
      deleted: () => this.#deleted(),
    });
    return { record, effects: new EffectRules(record, judge, 3, () => scheduler.now) };
  }

  #deleted(): void {
    this.changedAt = this.#parts.scheduler.now;
    this.say(() => `  ${this.sessionId} is deleted`);
    this.#lives.push(this.#begin());
    this.stream = 'whole';
  }

  #decided(kinds: readonly DecisionKind[], commit: CommitRecord, before: SessionSnapshot | null): void {
    const { version, epoch, run, head } = commit;
    const { coverage, judge, plan, scheduler } = this.#parts;
    this.changedAt = scheduler.now;
    this.say(() => `  ${this.sessionId} version ${version}: ${kinds.join(', ')}`);
    if (before && run?.op === 'start' && run.supersedes) this.effects.superseded(before);
    if (head?.step?.op === 'reply') this.effects.replied(epoch);
    coverage.decided(kinds);
    // What the record is not sure of, the next owner takes back, and says so.
    if (head?.streamSure !== undefined) this.tears('short');
    if (kinds.includes('takeover')) {
      this.tears('short');
      judge.expect('S14', !plan.calm, 'a session is taken over although nothing went wrong');
    }
    if (this.record.session) this.outsiders.see(this.record.session);
  }
}
