import {
  advance,
  failRun,
  HelixError,
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

/**
 * Drives sessions in this process: each by its own loop, all under one lease.
 *
 * 1. A session is driven at most once here; the store sees to it that it is driven nowhere else.
 * 2. Nothing but speed depends on what is kept here: whoever finds the session later reads the same from the store.
 */
export class SessionHost {
  readonly #parts: HostParts;
  readonly #driven = new Map<string, Driven>();
  #lease: Promise<HolderLease> | undefined;
  #users = 0;
  #cancelLinger: (() => void) | undefined;

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  /** Does something under a lease that stays held meanwhile. */
  async underLease<T>(work: (lease: HolderLease) => Promise<T>): Promise<T> {
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
      this.#linger();
    });
    const driven = { runId, epoch, done };
    this.#driven.set(sessionId, driven);
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
    this.#cancelLinger?.();
    const lease = await this.#lease?.catch(() => undefined);
    this.#lease = undefined;
    await lease?.close();
    await Promise.all(Array.from(this.#driven.values(), ({ done }) => done));
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

  /** An owner that let go, while its lease did not end, may own the session still: then nobody else will take it up. */
  async #driveWhileOurs(
    agent: Agent,
    session: SessionSnapshot,
    lease: HolderLease,
    entered: readonly NewMessage[],
  ): Promise<SessionSnapshot> {
    let left = await this.#drive(agent, session, lease, entered);
    let pauseMs = 0;
    for (let { version } = session; !isResting(left); { version } = left) {
      pauseMs = left.version > version ? 0 : Math.min(longestPauseMs, Math.max(askAgainMs, 2 * pauseMs));
      if (pauseMs > 0) await this.#parts.ports.clock.sleep(pauseMs, lease.lost).catch(() => {});
      const ours = await this.#ours(left.sessionId, lease);
      if (!ours) return left;
      left = await this.#drive(agent, ours, lease, []);
    }
    return left;
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
    entered: readonly NewMessage[],
  ): Promise<SessionSnapshot> {
    const { store, llm, ports, streams, reached } = this.#parts;
    const { sessionId } = session;
    const inbox = new InboxWatch(store.signals, sessionId, ports.clock);
    const chunks = await openChunkSink(streams, session, ports, lease);
    const owner = new Owner(session, { agent, store, llm, ports, lease, chunks, ...(reached && { reached }) });
    owner.transcript.append(session.messageCount - entered.length, entered);
    const lose = () => owner.lose();
    lease.lost.addEventListener('abort', lose);
    inbox.tell(owner);
    try {
      owner.withdraw();
      await run(owner);
    } catch (error) {
      await this.#giveUp(owner, error);
    } finally {
      inbox.stop();
      lease.lost.removeEventListener('abort', lose);
      await chunks.close();
      streams.poke(sessionId);
    }
    return owner.session;
  }

  /** A lost session is another owner's. Anything else ends the run; where even that fails, it is tried again: other sessions keep the lease. */
  async #giveUp(owner: Owner, error: unknown): Promise<void> {
    const { logger } = this.#parts.ports;
    const { sessionId } = owner.session;
    if (isLost(error)) return logger.log('info', 'the session has another owner', { sessionId });
    logger.log('error', 'the run cannot go on', { sessionId, error });
    try {
      await failRun(owner, error);
    } catch (second) {
      if (isLost(second)) return;
      logger.log('error', 'the end of the run could not be written', { sessionId, error: second });
    }
  }

  /** An idle process holds no lease, so that nothing of it stays open. */
  #linger(): void {
    this.#cancelLinger?.();
    if (this.#users > 0 || this.#driven.size > 0) return;
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

function isLost(error: unknown): boolean {
  return HelixError.is(error) && error.code === 'state_lease_lost';
}
