/** Catches: a simulation that looks busy and finds nothing. Each test breaks one guard, and a world must break a rule for it. */
import { describe, expect, it } from 'vitest';
import {
  SessionHost,
  type ClaimDueRequest,
  type ClaimOutcome,
  type ClaimRequest,
  type CommitOutcome,
  type HeldSession,
  type HolderRequest,
  type SessionCommit,
  type SessionSnapshot,
  type SessionStateStore,
  type StreamChunk,
  type StreamFence,
  type StreamPage,
  type StreamWriter,
} from '@helix-agents/core';
import { Chance } from '@helix-agents/core/testing';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { makePlan, type Plan } from './plan.ts';
import { runSeeds } from './run-seeds.ts';
import { runWorlds } from './run-worlds.ts';
import type { Sabotage } from './sabotage.ts';
import { ForwardingStore } from './stores/forwarding-store.ts';
import type { World } from './world.ts';

const manySeeds = 20_000;

/** Of 20,000 worlds, the first that breaks a rule; only of a kind in which the guard has something to do. */
async function findBroken(sabotage: Sabotage, kind: (plan: Plan) => boolean): Promise<World | undefined> {
  let broken: World | undefined;
  const seeds = Array.from({ length: manySeeds }, (_, index) => index + 1);
  await runWorlds(
    seeds.filter((seed) => kind(makePlan(new Chance(seed)))),
    (world) => {
      if (world.violation) broken = world;
      return !broken;
    },
    { sabotage },
  );
  return broken;
}

const anyKind = () => true;
const drowsy = ({ drowsy: is }: Plan) => is;
const clocksDiffer = ({ drowsy: is, takeoverGraceMs }: Plan) => is && takeoverGraceMs > 0;
const deletes = ({ rates }: Plan) => rates.some(([kind]) => kind === 'delete');
const proves = ({ proves: is }: Plan) => is;
const calm = ({ calm: is, proves: may }: Plan) => is && may;
const crowded = ({ crowded: is }: Plan) => is;
const losesAnswers = ({ recovers, weather }: Plan) => recovers && weather.lostReply > 0;
const leftAlone = ({ recovers }: Plan) => !recovers;

class WithoutInboxCheck extends ForwardingStore {
  override commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    if (commit.fence.as === 'entry') return super.commit(sessionId, commit);
    const { inbox: _, ...fence } = commit.fence;
    return super.commit(sessionId, { ...commit, fence });
  }
}

class WithoutTokenCheck extends ForwardingStore {
  #commits = 0;

  override commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    this.#commits += 1;
    return super.commit(sessionId, { ...commit, token: `${commit.token}-${this.#commits}` });
  }
}

/** Takes sessions from owners that are alive. */
class WithoutClaimGuard extends ForwardingStore {
  override async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    await this.#free(sessionId, request.holderId);
    return super.claim(sessionId, request);
  }

  override async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    for (const sessionId of ['session-1', 'session-2']) await this.#free(sessionId, request.holderId);
    return super.claimDue(request);
  }

  async #free(sessionId: string, holderId: string): Promise<void> {
    const phase = (await this.store.load(sessionId))?.run?.phase;
    if (phase?.at === 'running' && phase.holderId !== holderId) await this.store.closeHolder(phase.holderId);
  }
}

/** A store that was not told of the epoch: a former owner writes on. */
class WithoutFence extends ForwardingStore {
  override async commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const session = await this.store.load(sessionId);
    if (commit.fence.as === 'entry' || !session) return super.commit(sessionId, commit);
    const { version, epoch } = session;
    return super.commit(sessionId, { ...commit, fence: { ...commit.fence, version, epoch } });
  }
}

/** What a former owner writes lands on the session that was made anew under its id. */
class WithoutLastToken extends ForwardingStore {
  override async commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const { fence } = commit;
    const session = await this.store.load(sessionId);
    if (fence.as === 'entry' || !session) return super.commit(sessionId, commit);
    return super.commit(sessionId, { ...commit, fence: { ...fence, lastToken: session.lastToken } });
  }
}

/** A stream for each id, whoever has it: that of a deleted session is the next one's. */
class WithoutOwnStreams extends InMemoryStreamManager {
  override openWriter(streamId: string, fence: StreamFence): Promise<StreamWriter> {
    return super.openWriter(sessionOf(streamId), fence);
  }

  override read(streamId: string, after: number, limit?: number): Promise<StreamPage> {
    return super.read(sessionOf(streamId), after, limit);
  }

  override deleteStream(streamId: string): Promise<void> {
    return super.deleteStream(sessionOf(streamId));
  }
}

const sessionOf = (streamId: string) => streamId.replace(/\..*/, '');

/** Places of chunks that died with their writer are filled, but nobody is told that something is missing. */
class WithoutGaps extends InMemoryStreamManager {
  override async openWriter(streamId: string, fence: StreamFence): Promise<StreamWriter> {
    const writer = await super.openWriter(streamId, fence);
    const { startSequence } = writer;
    return { startSequence, append: (batchNo, chunks) => writer.append(batchNo, chunks.map(withoutGap)) };
  }
}

function withoutGap(chunk: StreamChunk): StreamChunk {
  return chunk.type === 'gap' ? { ...chunk, type: 'custom', eventName: 'filled', data: null } : chunk;
}

/** Whose connection ended is not told so. */
class WithoutDoubt extends ForwardingStore {
  override openHolder({ onDoubt: _, ...holder }: HolderRequest): Promise<void> {
    return super.openHolder(holder);
  }
}

/** A process does not know what it owns. */
class WithoutHeld extends ForwardingStore {
  override async listHeld(): Promise<HeldSession[]> {
    return [];
  }
}

/** What was not heard of is lost. */
class WithoutLooks extends SessionHost {
  override driveOnceHeld(): void {}
}

/** A session that is about to be ours is driven already. */
class WithoutReservations extends SessionHost {
  override reserve(): () => void {
    return () => {};
  }
}

/** The lease goes while it is needed. */
class WithoutKeptLease extends SessionHost {
  override keepLease(): () => void {
    return () => {};
  }
}

/** A process says that it let go, and did not. */
class WithoutEnd extends SessionHost {
  override async close(): Promise<void> {
    await Promise.race([super.close(), this.parts.ports.clock.sleep(1)]);
  }
}

/** Who closes cuts its tools at once. */
class WithoutDrain extends SessionHost {
  constructor(...[runtime, parts, drive]: ConstructorParameters<typeof SessionHost>) {
    const limits = { ...parts.ports.limits, drainMs: 0 };
    super(runtime, { ...parts, ports: { ...parts.ports, limits } }, drive);
  }
}

describe('the simulation finds a core without', { timeout: 120_000 }, () => {
  it.each<[string, Sabotage, (plan: Plan) => boolean]>([
    ['the inbox check', { store: (store) => new WithoutInboxCheck(store) }, anyKind],
    ['the token check', { store: (store) => new WithoutTokenCheck(store) }, anyKind],
    ['the lease margin', { leaseMarginMs: 0 }, drowsy],
    ['the grace of a takeover', { takeoverGraceMs: 0 }, clocksDiffer],
    ['the guard of claims', { store: (store) => new WithoutClaimGuard(store) }, anyKind],
    ['the fence of owners', { store: (store) => new WithoutFence(store) }, anyKind],
    ['the last token of a fence', { store: (store) => new WithoutLastToken(store) }, deletes],
    ['streams of their own for sessions of one id', { streams: WithoutOwnStreams }, deletes],
    ['the gaps of streams', { streams: WithoutGaps }, anyKind],
    ['the doubt of a lease', { store: (store) => new WithoutDoubt(store) }, proves],
    ['the time to make a connection anew', { regainMs: 0 }, calm],
    [
      'the looks for what was not heard of',
      { host: WithoutLooks, store: (store) => new WithoutHeld(store) },
      losesAnswers,
    ],
    ['the reservations of a host', { host: WithoutReservations }, crowded],
    ['the lease that a drive keeps', { host: WithoutKeptLease }, leftAlone],
    ['the end of drives before a close is done', { host: WithoutEnd }, anyKind],
    ['the time that tools have to end in a close', { host: WithoutDrain }, anyKind],
  ])('%s', async (_, sabotage, kind) => {
    const world = await findBroken(sabotage, kind);
    expect(world?.violation).toBeTruthy();
  });
});

it('a report names the seeds that broke a rule, and which rule', async () => {
  const sabotage = { store: (store: SessionStateStore) => new WithoutClaimGuard(store) };
  const world = await findBroken(sabotage, anyKind);
  const seed = world?.seed ?? 0;
  const { broken, runs } = await runSeeds({ from: seed, step: 1, end: seed + 1 }, { sabotage });
  expect({ broken, runs }).toEqual({ broken: [{ ...world?.violation, seed }], runs: 1 });
});
