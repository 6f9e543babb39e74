import {
  advance,
  failRun,
  isLeaseLost,
  isResting,
  nextDecision,
  Owner,
  type Agent,
  type Boundary,
  type LLMAdapter,
  type NewMessage,
  type RuntimePorts,
  type SessionSnapshot,
  type SessionStateStore,
  type StreamManager,
  HolderLease,
} from '@helix-agents/core';
import { openChunkSink } from './chunk-sink.ts';
import { InboxWatch } from './inbox-watch.ts';

/** How long the lease of a process outlives its last session, where other processes could see it. */
const lingerMs = 1_000;
/** How soon a store that did not answer is asked again. */
const askAgainMs = 1_000;
/** The longest pause before a session that moves no further is driven again. */
const longestPauseMs = 60_000;

export interface HostParts {
  readonly store: SessionStateStore;
  readonly streams: StreamManager;
  readonly llm: LLMAdapter;
  readonly ports: RuntimePorts;
  /** Told at each boundary of the loop; tests kill the process there. */
  readonly reached?: (boundary: Boundary) => void;
}

/** A session that is driven here: one run of it, as its owner of one epoch. */
interface Driven {
  readonly runId: string | undefined;
  readonly epoch: number;
  readonly done: Promise<SessionSnapshot>;
}

interface DriveOptions {
  readonly entered?: readonly NewMessage[];
  /** What the run failed by, where its end could not be written before: it is not worked on, only its end is tried. */
  readonly unended?: unknown;
}

/** What a drive came to: the session as it leaves it, and what the run failed by where its end could not be written. */
interface Drive {
  readonly left: SessionSnapshot;
  readonly unended: unknown;
}

/**
 * Drives sessions in this process: each by its own loop, all under one lease.
 *
 * 1. A session is driven at most once here; the store sees to it that it is driven nowhere else.
 * 2. Nothing but speed depends on what is kept here: whoever finds the session later reads the same from the store.
 */
export class SessionHost {
  readonly #parts: HostParts;
  readonly #driven = new Map<string, Driven>();
  /** All that are driven, also one whose session is driven anew: a hook after its end may still run. */
  readonly #drives = new Set<Driven>();
  #closed = false;
  #lease: Promise<HolderLease> | undefined;
  #users = 0;
  #cancelLinger: (() => void) | undefined;

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  /** Whether it let go of everything, and was asked for nothing since: who only waits does not have it take up a run. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Does something under a lease that stays held meanwhile. */
  async underLease<T>(work: (lease: HolderLease) => Promise<T>): Promise<T> {
    this.#closed = false;
    const release = this.keepLease();
    try {
      return await work(await this.#held());
    } finally {
      release();
    }
  }

  /** Keeps the lease, once there is one, until the answer is called. */
  keepLease(): () => void {
    this.#cancelLinger?.();
    this.#users += 1;
    return () => {
      this.#users -= 1;
      this.#linger();
    };
  }

  /** The session as its owner here leaves it, at rest or to another owner; undefined where it is not driven here. */
  drivenHere(sessionId: string): Promise<SessionSnapshot> | undefined {
    return this.#driven.get(sessionId)?.done;
  }

  /** Drives a session that this process owns, until it rests. Returns at once. `entered` are messages that the last commit appended. */
  start(agent: Agent, session: SessionSnapshot, lease: HolderLease, entered: readonly NewMessage[] = []): void {
    const { sessionId, epoch } = session;
    const runId = session.run?.runId;
    const already = this.#driven.get(sessionId);
    // A session that was deleted and made anew under its id has the epochs of the one before.
    if (already?.epoch === epoch && already.runId === runId) return;
    const done = this.#driveWhileOurs(agent, session, lease, entered).finally(() => {
      if (this.#driven.get(sessionId) === driven) this.#driven.delete(sessionId);
      this.#drives.delete(driven);
      this.#linger();
    });
    const driven = { runId, epoch, done };
    this.#driven.set(sessionId, driven);
    this.#drives.add(driven);
  }

  /** Takes up a session that may be ours: whether a claim or an entry landed was not heard. */
  takeBack(agent: Agent, sessionId: string, lease: HolderLease): void {
    const release = this.keepLease();
    this.#ours(sessionId, lease)
      .then((session) => session && this.start(agent, session, lease))
      .finally(release)
      .catch(() => {});
  }

  /** Lets go of everything. Sessions in flight are left to whoever takes them over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLinger?.();
    const lease = await this.#lease?.catch(() => undefined);
    this.#lease = undefined;
    await lease?.close();
    await Promise.all(Array.from(this.#drives, ({ done }) => done));
  }

  /** One lease, also for callers at once: each looks at what the one before it left. */
  #held(): Promise<HolderLease> {
    this.#lease = this.#heldAfter(this.#lease);
    return this.#lease;
  }

  async #heldAfter(before: Promise<HolderLease> | undefined): Promise<HolderLease> {
    const current = await before?.catch(() => undefined);
    await current?.untilSafe().catch(() => {});
    return current?.mayStartEffect() ? current : HolderLease.open(this.#parts.store, this.#parts.ports);
  }

  /**
   * An owner that let go, while its lease did not end, may own the session still: then nobody else will take it up. Where it moves no
   * further it waits, and a run that could not be ended is not worked on again: only its end is tried.
   */
  async #driveWhileOurs(
    agent: Agent,
    session: SessionSnapshot,
    lease: HolderLease,
    entered: readonly NewMessage[],
  ): Promise<SessionSnapshot> {
    let from = session;
    let { left, unended } = await this.#drive(agent, from, lease, { entered });
    for (let pauseMs = 0; !isResting(left);) {
      // At once: somebody may wait for whoever has the session now.
      let ours = await this.#oursAgain(left, lease);
      pauseMs = left.version > from.version ? 0 : Math.min(longestPauseMs, Math.max(askAgainMs, 2 * pauseMs));
      if (ours && pauseMs > 0) {
        await this.#parts.ports.clock.sleep(pauseMs, lease.lost).catch(() => {});
        ours = await this.#oursAgain(left, lease);
      }
      if (!ours) return left;
      from = ours;
      ({ left, unended } = await this.#drive(agent, from, lease, { unended }));
    }
    return left;
  }

  /** The same run of the same session: one that was deleted may be made anew under its id, and driven here beside. */
  async #oursAgain(left: SessionSnapshot, lease: HolderLease): Promise<SessionSnapshot | null> {
    const ours = await this.#ours(left.sessionId, lease);
    return ours?.epoch === left.epoch && ours.run?.runId === left.run?.runId ? ours : null;
  }

  /** The session, if it is running under this lease. Asks until the store answers, or the lease ends. */
  async #ours(sessionId: string, lease: HolderLease): Promise<SessionSnapshot | null> {
    const { store, ports } = this.#parts;
    while (!lease.lost.aborted) {
      try {
        const session = await store.load(sessionId);
        const phase = session?.run?.phase;
        return phase?.at === 'running' && phase.holderId === lease.holderId ? session : null;
      } catch (error) {
        ports.logger.log('warn', 'could not read a session that may be ours', { sessionId, error });
        await ports.clock.sleep(askAgainMs, lease.lost).catch(() => {});
      }
    }
    return null;
  }

  async #drive(
    agent: Agent,
    session: SessionSnapshot,
    lease: HolderLease,
    { entered = [], unended: before }: DriveOptions,
  ): Promise<Drive> {
    const { store, llm, ports, streams, reached } = this.#parts;
    const { sessionId } = session;
    const inbox = new InboxWatch(store.signals, sessionId, ports.clock);
    const chunks = await openChunkSink(streams, session, ports, lease);
    const owner = new Owner(session, { agent, store, llm, ports, lease, chunks, ...(reached && { reached }) });
    owner.transcript.append(session.messageCount - entered.length, entered);
    const lose = () => owner.lose();
    lease.lost.addEventListener('abort', lose);
    // It may have been lost while the stream was opened.
    if (lease.lost.aborted) lose();
    inbox.tell(owner);
    let unended: unknown;
    try {
      owner.withdraw();
      if (before === undefined) await run(owner);
      else unended = await this.#end(owner, before);
    } catch (error) {
      unended = await this.#giveUp(owner, error);
    } finally {
      inbox.stop();
      lease.lost.removeEventListener('abort', lose);
      await chunks.close();
      streams.poke(sessionId);
    }
    return { left: owner.session, unended };
  }

  /** A lost session is another owner's. Anything else ends the run. */
  async #giveUp(owner: Owner, error: unknown): Promise<unknown> {
    const { logger } = this.#parts.ports;
    const { sessionId } = owner.session;
    if (isLeaseLost(error)) {
      logger.log('info', 'the session has another owner', { sessionId });
      return undefined;
    }
    logger.log('error', 'the run cannot go on', { sessionId, error });
    return this.#end(owner, error);
  }

  /** Answers the error where the end could not be written. Other sessions keep the lease: that is no fault of theirs. */
  async #end(owner: Owner, error: unknown): Promise<unknown> {
    try {
      await failRun(owner, error);
      return undefined;
    } catch (second) {
      if (isLeaseLost(second)) return undefined;
      const { sessionId } = owner.session;
      this.#parts.ports.logger.log('error', 'the end of the run could not be written', { sessionId, error: second });
      return error;
    }
  }

  /** An idle process holds no lease, so that nothing of it stays open. */
  #linger(): void {
    this.#cancelLinger?.();
    if (this.#users > 0 || this.#drives.size > 0) return;
    if (this.#parts.store.durability === 'none') return this.#letGo();
    this.#cancelLinger = this.#parts.ports.clock.after(lingerMs, () => this.#letGo());
  }

  #letGo(): void {
    const lease = this.#lease;
    this.#lease = undefined;
    lease?.then((held) => held.close()).catch(() => {});
  }
}

async function run(owner: Owner): Promise<void> {
  let next = nextDecision(owner);
  while (!isResting(owner.session)) next = await advance(owner, next);
}
