import type { Agent } from '../../agent/agent.ts';
import { atMost } from '../../ports/at-most.ts';
import type { NewMessage } from '../../session/message.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { isHeldBy, loadHeld } from '../lease/held-session.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import { LeaseKeeper } from '../lease/lease-keeper.ts';
import type { OwnerParts } from '../owner/owner.ts';
import { claimSession } from './claim-session.ts';
import { driveWhileHeld, type Drive } from './drive-while-held.ts';
import { Reservations } from './reservations.ts';

/** What entries and drives work with. */
export type HostParts = Pick<OwnerParts, 'store' | 'llm' | 'ports' | 'reached'>;

/** How a drive begins. */
export interface DriveStart {
  /** Messages that the entry appended with which the run began here; undefined where it began before, and goes on. */
  readonly entered: readonly NewMessage[] | undefined;
  /** What the run failed by, where its end could not be written before: it is not worked on, only its end is tried. */
  readonly unended: unknown;
}

/** Drives a session as its owner, until it rests or is lost. Never rejects. */
export type DriveSession = (
  agent: Agent,
  session: SessionSnapshot,
  lease: HolderLease,
  start: DriveStart,
) => Promise<Drive>;

/**
 * Pauses before the looks at a session that may be ours. The first is soon; but what was not heard of may still land, where it waits
 * in the store for a lock.
 */
const lookAgainAfterMs = [10, 100, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000];

/** How long who closes waits for the drives to end, which lost their lease, and may still ask the store for something. */
const letGoPatienceMs = 5_000;

/** A session that is driven here: one run of it, as its owner of one epoch. */
interface Driven {
  readonly runId: string | undefined;
  readonly epoch: number;
  readonly done: Promise<SessionSnapshot>;
}

/**
 * A runtime in this process: entries begin and take up sessions by it, and it drives each by its own loop, all under one lease.
 *
 * 1. A session is driven at most once here; the store sees to it that it is driven nowhere else.
 * 2. Nothing but speed depends on what is kept here: whoever finds the session later reads the same from the store.
 * 3. While somebody asks the store for a session, what others read of it is no reason to drive it; an answer that is lost is looked for.
 */
export class SessionHost {
  /** The name that its sessions are stored under: a runtime takes over its own, and no other's. */
  readonly runtime: string;
  readonly parts: HostParts;
  readonly #driveSession: DriveSession;
  readonly #leases: LeaseKeeper;
  /**
   * The drives of each session, the last begun at the end. One that is over may still have a hook that runs, and one of a session that was
   * deleted may begin late: neither may have the session look undriven that is driven beside it.
   */
  readonly #driven = new Map<string, readonly Driven[]>();
  readonly #reservations = new Reservations();
  readonly #looks = new Map<string, Promise<boolean>>();

  constructor(runtime: string, parts: HostParts, drive: DriveSession) {
    this.runtime = runtime;
    this.parts = parts;
    this.#driveSession = drive;
    this.#leases = new LeaseKeeper(parts.store, parts.ports);
  }

  /** Whether it let go of everything, and was asked for nothing since: who only waits does not have it take up a run. */
  get closed(): boolean {
    return this.#leases.closed;
  }

  /** Does something under a lease that stays held meanwhile. */
  underLease<T>(work: (lease: HolderLease) => Promise<T>): Promise<T> {
    return this.#leases.underLease(work);
  }

  /** Keeps the lease, once there is one, until the answer is called. */
  keepLease(): () => void {
    return this.#leases.keep();
  }

  isDriving(sessionId: string): boolean {
    return this.#driven.has(sessionId);
  }

  /**
   * Somebody asks for a session, or writes its next run, until the answer is called; without an id, for sessions that are not known
   * yet. Until then nobody here drives the session because it was read that the lease holds it.
   */
  reserve(sessionId?: string): () => void {
    return sessionId === undefined ? this.#reservations.addAny() : this.#reservations.add(sessionId);
  }

  /** The session as its owner here leaves it, at rest or to another owner; undefined where it is not driven here. */
  untilLeft(sessionId: string): Promise<SessionSnapshot> | undefined {
    return this.#driven.get(sessionId)?.at(-1)?.done;
  }

  /** Drives a session that the lease holds, until it rests. Returns at once. `entered` are the messages of the entry that began its run just now. */
  drive(agent: Agent, session: SessionSnapshot, lease: HolderLease, entered?: readonly NewMessage[]): void {
    // An answer that was late: its session may be driven under the next lease by now, and must still be known to be.
    if (lease.ending.aborted) return;
    const { sessionId, epoch } = session;
    const runId = session.run?.runId;
    const others = this.#driven.get(sessionId) ?? [];
    // A session that was deleted and made anew under its id has the epochs of the one before.
    if (others.some((other) => other.epoch === epoch && other.runId === runId)) return;
    this.#reservations.disturb(sessionId);
    const release = this.keepLease();
    const drive = (from: SessionSnapshot, before?: Drive) =>
      this.#driveSession(agent, from, lease, { entered: before ? undefined : entered, unended: before?.unended });
    const done = driveWhileHeld(this.parts, lease, session, drive).finally(() => {
      this.#forget(sessionId, driven);
      release();
    });
    // Whoever waits for it hears of it; where nobody does, it must not end the process.
    done.catch((error: unknown) => this.parts.ports.logger.log('error', 'a drive broke off', { sessionId, error }));
    const driven = { runId, epoch, done };
    this.#driven.set(sessionId, [...others, driven]);
  }

  /**
   * Asks the store for a session, or writes its next run, and drives it before this resolves. Where the answer is lost, it may be
   * ours for all that: it is looked for. Not where the store refused what it was asked.
   */
  async asking<T>(
    agent: Agent,
    sessionId: string,
    lease: HolderLease,
    ask: () => Promise<T>,
    isRefused: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    const release = this.reserve(sessionId);
    try {
      return await ask();
    } catch (error) {
      if (!isRefused(error)) this.driveOnceHeld(agent, sessionId, lease);
      throw error;
    } finally {
      release();
    }
  }

  /**
   * Takes up a live session whose owner is gone, or in which something is due; with `resume` also one that only waits. False where
   * nothing had to be done.
   */
  async takeUp(agent: Agent, sessionId: string, resume = false): Promise<boolean> {
    if (this.isDriving(sessionId)) return false;
    return this.underLease(async (lease) => {
      const claim = await this.asking(agent, sessionId, lease, async () => {
        const claimed = await claimSession(this, lease, sessionId, resume);
        if (claimed.claimed) this.drive(agent, claimed.session, lease);
        return claimed;
      });
      // Owned by this process, it may be that nobody drives it.
      if (!claim.claimed && claim.reason === 'owned') return this.driveIfHeld(agent, sessionId, lease);
      return claim.claimed;
    });
  }

  /**
   * Drives a session that the lease holds although nobody drives it: the answer that would have said so was lost. False where
   * that is not so.
   */
  async driveIfHeld(agent: Agent, sessionId: string, lease: HolderLease): Promise<boolean> {
    if (this.isDriving(sessionId)) return false;
    const session = await this.#reservations.undisturbed(sessionId, () => this.parts.store.load(sessionId));
    if (!session || lease.ending.aborted || !isHeldBy(session, lease)) return false;
    this.drive(agent, session, lease);
    return true;
  }

  /**
   * Takes up a session for somebody who only waits for it, and looks again. Of many at once one looks: what each reads would be out
   * of date for the others' asking, for ever.
   */
  lookAfter(agent: Agent, sessionId: string): Promise<boolean> {
    const look =
      this.#looks.get(sessionId) ?? this.takeUp(agent, sessionId).finally(() => this.#looks.delete(sessionId));
    this.#looks.set(sessionId, look);
    return look;
  }

  /** Drives a session once the lease holds it, however long it takes to find out. Returns at once. */
  driveOnceHeld(agent: Agent, sessionId: string, lease: HolderLease): void {
    const release = this.keepLease();
    this.#driveOnceHeld(agent, sessionId, lease)
      .finally(release)
      .catch(() => {});
  }

  /**
   * Lets go of everything: tool bodies under way may end before, for a while, and anything else is cut. Sessions in flight are left to
   * whoever takes them over. Never rejects, and waits for no store that is silent: it is the end of a process.
   */
  async close(): Promise<void> {
    const { clock, limits, logger } = this.parts.ports;
    // What is asked for meanwhile has another lease, which ends by itself.
    const drives = Array.from(this.#driven.values()).flat();
    const left = Promise.allSettled(drives.map(({ done }) => done));
    await this.#leases.close(() => atMost(clock, limits.drainMs, left));
    if (await atMost(clock, letGoPatienceMs, left)) return;
    const problem = 'closed before all sessions were let go of: the store does not answer';
    logger.log('warn', problem, { sessions: this.#driven.size });
  }

  #forget(sessionId: string, driven: Driven): void {
    const others = this.#driven.get(sessionId)?.filter((other) => other !== driven) ?? [];
    if (others.length > 0) this.#driven.set(sessionId, others);
    else this.#driven.delete(sessionId);
  }

  async #driveOnceHeld(agent: Agent, sessionId: string, lease: HolderLease): Promise<void> {
    const read = () => loadHeld(this.parts, sessionId, lease);
    for (const ms of lookAgainAfterMs) {
      await this.parts.ports.clock.sleep(ms, lease.ending).catch(() => {});
      // What is read while somebody drives it may be out of date once that is over.
      while (this.isDriving(sessionId)) await this.untilLeft(sessionId);
      if (lease.ending.aborted) return;
      const session = await this.#reservations.undisturbed(sessionId, read);
      if (session) return this.drive(agent, session, lease);
    }
  }
}
