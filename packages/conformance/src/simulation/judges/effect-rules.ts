import type { LeaseGuard, MessageRecord, SessionSnapshot, ToolContext } from '@helix-agents/core';
import type { ProcessClock } from '../processes/process-clock.ts';
import type { ToolShape } from '../processes/tool-shapes.ts';
import type { Actor } from '../scheduler.ts';
import type { Judge } from './violation.ts';

/** A session as its owner took it, and the lease that it does so under. */
export interface Hold {
  readonly session: SessionSnapshot;
  readonly lease: LeaseGuard;
}

/** Who performs an effect: an owner, in a process. Entries hold nothing. */
export interface Performer {
  readonly process: Actor & { readonly clock: ProcessClock };
  readonly hold: Hold | undefined;
}

/** What the record says at this moment, without the delay of a network. */
export interface Truth {
  readonly session: SessionSnapshot | null;
  readonly messages: readonly MessageRecord[];
  /** Nobody can know at once that the session was deleted. */
  readonly isDeleted: boolean;
}

/**
 * Judges each effect in the moment in which it starts, against what the record says in that moment (S3, S4, S11, S15).
 */
export class EffectRules {
  readonly #truth: Truth;
  readonly #judge: Judge;
  readonly #maxBodies: number;
  /** Messages of the last prompt of each owner. */
  readonly #asked = new Map<number, readonly string[]>();
  /** Bodies started, by call. */
  readonly #started = new Map<string, number>();
  readonly #running = new Map<string, number>();
  readonly #happened = new Set<string>();
  /** Owners under which anything was done. */
  readonly #busy = new Set<number>();
  /** Owners that called the model after the session was deleted. */
  readonly #late = new Set<string>();
  /** When the last request of a call has reached the outside world, whatever became of who sent it. */
  readonly #arrival = new Map<string, number>();
  readonly #now: () => number;

  constructor(truth: Truth, judge: Judge, maxBodies: number, now: () => number) {
    this.#truth = truth;
    this.#judge = judge;
    this.#maxBodies = maxBodies;
    this.#now = now;
  }

  modelCallStarts(performer: Performer, messages: readonly MessageRecord[]): void {
    const session = this.#owned(performer, 'a model call');
    if (this.#truth.isDeleted) this.#comesOnceOnly(performer);
    if (!session) return;
    const { step, run } = session;
    this.#judge.expect('S3', step?.at !== 'calls', 'a model call starts while calls of the step before are open');
    this.#judge.expect(
      'S9',
      run !== null && run.phase.at === 'running',
      'a model call starts for a run that is not running',
    );
    const known = this.#truth.messages;
    const same = messages.length >= known.length && known.every(({ id }, index) => messages[index]?.id === id);
    this.#judge.expect('S11', same, 'the prompt is not what the record says');
    this.#asked.set(
      session.epoch,
      messages.map(({ id }) => id),
    );
  }

  /** What a reply answers is in the record before it, so that every later prompt begins with it. */
  replied(epoch: number): void {
    const asked = this.#asked.get(epoch) ?? [];
    const kept = asked.every((id, index) => this.#truth.messages[index]?.id === id);
    this.#judge.expect('S11', kept, 'what the model was asked is not in the record: the next prompt begins otherwise');
  }

  /** `effectMs`: how long what the body asks for is on its way. */
  bodyStarts(performer: Performer, shape: ToolShape, { toolCallId, attempt }: ToolContext, effectMs: number): void {
    const session = this.#owned(performer, `the body of ${toolCallId}`);
    if (!session) return;
    this.#mayLook(toolCallId, 'a body');
    this.#arrival.set(toolCallId, this.#now() + effectMs);
    const call =
      session.step?.at === 'calls' ? session.step.calls.find(({ callId }) => callId === toolCallId) : undefined;
    const state = call?.state;
    const sent = state?.at === 'sent' && state.epoch === session.epoch && state.attempt === attempt;
    this.#judge.expect('S3', sent, () => `the body of ${toolCallId} starts, but its row is ${JSON.stringify(state)}`);
    this.#judge.expect('S4', call?.gate.at === 'open', () => `the body of ${toolCallId} starts behind a closed gate`);
    this.#judge.expect(
      'S4',
      shape.wait === undefined || shape.wait === 'approval',
      () => `${toolCallId} has no body to run`,
    );
    const started = (this.#started.get(toolCallId) ?? 0) + 1;
    this.#started.set(toolCallId, started);
    this.#running.set(toolCallId, (this.#running.get(toolCallId) ?? 0) + 1);
    this.#judge.expect('S4', shape.replay !== 'never' || started === 1, () => `the body of ${toolCallId} runs twice`);
    this.#judge.expect('S4', started <= this.#maxBodies, () => `the body of ${toolCallId} runs ${started} times`);
  }

  /** Who ended knows what became of its request. */
  bodyEnds(callId: string): void {
    this.#arrival.delete(callId);
    this.#running.set(callId, (this.#running.get(callId) ?? 1) - 1);
  }

  verifyStarts(performer: Performer, callId: string): void {
    this.#owned(performer, `verify of ${callId}`);
    this.#mayLook(callId, 'verify');
  }

  /** Whoever takes the place of a run took it from its owner before, and works on it no more. */
  superseded({ epoch }: SessionSnapshot): void {
    this.#judge.expect(
      'S9',
      !this.#busy.has(epoch),
      () => `a run that an entry took under epoch ${epoch} is worked on`,
    );
  }

  /** Whoever closed, and had time, let the bodies end that it had claimed, and wrote what they came to. */
  letGo({ epoch }: SessionSnapshot): void {
    const { session, isDeleted } = this.#truth;
    const isIts = !isDeleted && session?.epoch === epoch;
    const calls = isIts && session.step?.at === 'calls' ? session.step.calls : [];
    const left = calls.filter(({ state }) => state.at === 'sent' && state.epoch === epoch);
    const names = () => left.map(({ callId }) => callId).join(', ');
    this.#judge.expect(
      'S4',
      left.length === 0,
      () => `what ${names()} came to was thrown away by a close that had time`,
    );
  }

  happened(dispatchId: string): void {
    this.#happened.add(dispatchId);
  }

  hasHappened(dispatchId: string): boolean {
    return this.#happened.has(dispatchId);
  }

  /** How often a body of the call started. */
  bodiesOf(callId: string): number {
    return this.#started.get(callId) ?? 0;
  }

  /** Nobody asks whether something happened, nor does it again, while it is still on its way. */
  #mayLook(callId: string, what: string): void {
    const leftMs = (this.#arrival.get(callId) ?? 0) - this.#now();
    this.#judge.expect(
      'S15',
      leftMs <= 0,
      () => `${what} of ${callId} starts ${leftMs} ms before its effect has arrived`,
    );
  }

  /** An owner hears of the deletion from the commit that follows. */
  #comesOnceOnly({ hold, process }: Performer): void {
    const owner = `${process.name}, epoch ${hold?.session.epoch}`;
    this.#judge.expect('S9', !this.#late.has(owner), () => `${owner} works on a session that was deleted`);
    this.#late.add(owner);
  }

  #owned({ hold, process }: Performer, what: string): SessionSnapshot | null {
    const { session, isDeleted } = this.#truth;
    const epoch = hold?.session.epoch;
    const safe = hold?.lease.mayStartEffect() === true;
    this.#judge.expect('S15', safe, () => `${what} starts in ${process.name}, which may have lost its lease`);
    if (isDeleted) return null;
    this.#judge.expect(
      'S15',
      session?.epoch === epoch,
      () => `${what} starts under epoch ${epoch} of ${process.name}; the owner has ${session?.epoch}`,
    );
    if (epoch !== undefined) this.#busy.add(epoch);
    return session;
  }
}
