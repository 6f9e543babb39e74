/** Catches: a simulation that looks busy and finds nothing. Each test breaks one guard, and a world must break a rule for it. */
import { describe, expect, it } from 'vitest';
import type {
  ClaimDueRequest,
  ClaimOutcome,
  ClaimRequest,
  CommitOutcome,
  SessionCommit,
  SessionSnapshot,
  SessionStateStore,
} from '@helix-agents/core';
import { runWorlds } from './run-worlds.ts';
import type { Sabotage, World } from './world.ts';
import { WitnessedStore, type Witness } from './witnessed-store.ts';

const blind: Witness = { committed: () => {}, claimed: () => {}, delivered: () => {}, settled: () => {} };
const manySeeds = 20_000;

/** The first world of 20,000 that breaks a rule. */
async function findBroken(sabotage: Sabotage): Promise<World | undefined> {
  let broken: World | undefined;
  const seeds = Array.from({ length: manySeeds }, (_, index) => index + 1);
  await runWorlds(
    seeds,
    (world) => {
      if (world.violation) broken = world;
      return !broken;
    },
    { sabotage },
  );
  return broken;
}

/** A store that passes everything on, but for what a subclass breaks. */
class Broken extends WitnessedStore {
  readonly inner: SessionStateStore;

  constructor(inner: SessionStateStore) {
    super(inner, blind);
    this.inner = inner;
  }
}

class WithoutInboxCheck extends Broken {
  override commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    if (commit.fence.as === 'entry') return super.commit(sessionId, commit);
    const { inbox: _, ...fence } = commit.fence;
    return super.commit(sessionId, { ...commit, fence });
  }
}

class WithoutTokenCheck extends Broken {
  #commits = 0;

  override commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    this.#commits += 1;
    return super.commit(sessionId, { ...commit, token: `${commit.token}-${this.#commits}` });
  }
}

/** Takes sessions from owners that are alive. */
class WithoutClaimGuard extends Broken {
  override async claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    await this.#free(sessionId, request.holderId);
    return super.claim(sessionId, request);
  }

  override async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    await this.#free('session', request.holderId);
    return super.claimDue(request);
  }

  async #free(sessionId: string, holderId: string): Promise<void> {
    const phase = (await this.inner.load(sessionId))?.run?.phase;
    if (phase?.at === 'running' && phase.holderId !== holderId) await this.inner.closeHolder(phase.holderId);
  }
}

/** A store that was not told of the epoch: a former owner writes on. */
class WithoutFence extends Broken {
  override async commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const session = await this.inner.load(sessionId);
    if (commit.fence.as === 'entry' || !session) return super.commit(sessionId, commit);
    const { version, epoch } = session;
    return super.commit(sessionId, { ...commit, fence: { ...commit.fence, version, epoch } });
  }
}

describe('the simulation finds a core without', { timeout: 120_000 }, () => {
  it.each<[string, Sabotage]>([
    ['the inbox check', { store: (store) => new WithoutInboxCheck(store) }],
    ['the token check', { store: (store) => new WithoutTokenCheck(store) }],
    ['the lease margin', { leaseMarginMs: 0 }],
    ['the grace of a takeover', { takeoverGraceMs: 0 }],
    ['the guard of claims', { store: (store) => new WithoutClaimGuard(store) }],
    ['the fence of owners', { store: (store) => new WithoutFence(store) }],
  ])('%s', async (_, sabotage) => {
    const world = await findBroken(sabotage);
    expect(world?.violation).toBeTruthy();
  });
});
