// Would catch: a run that is worked on while an entry takes its place, one that nobody has after the entry failed, another agent's run.
import { defineAgent, HelixError, type ClaimOutcome, type CommitOutcome, type SessionCommit } from '@helix-agents/core';
import { MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it } from 'vitest';
import { answers, hangs, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

type Commit = () => Promise<CommitOutcome>;
type Claim = () => Promise<ClaimOutcome>;

/** A store in which the entry that takes the place of a run meets something. */
class Eventful extends InMemoryStateStore {
  onSupersede = (commit: Commit) => commit();
  onClaim = (claim: Claim) => claim();

  override commit(sessionId: string, commit: SessionCommit): Promise<CommitOutcome> {
    const write = () => super.commit(sessionId, commit);
    const supersedes = commit.run?.op === 'start' && commit.run.supersedes;
    return supersedes ? this.onSupersede(write) : write();
  }

  override claim(...request: Parameters<InMemoryStateStore['claim']>): Promise<ClaimOutcome> {
    return this.onClaim(() => super.claim(...request));
  }
}

/** A run whose owner is gone, and another process. */
async function orphan(script: readonly MockStep[]) {
  const store = new Eventful();
  const streams = new InMemoryStreamManager();
  const first = new JSAgentExecutor(store, streams, new MockLLMAdapter([hangs]), {
    limits: { stopGraceMs: 20, drainMs: 20 },
  });
  const { runId } = await first.execute(plain, { message: 'the first', messageId: 'named' }, { sessionId: 's' });
  await first.close();
  const llm = new MockLLMAdapter(script);
  const executor = new JSAgentExecutor(store, streams, llm);
  const outcomes = async () => {
    const runs = await store.listRuns('s');
    return runs.map(({ phase }) => (phase.at === 'ended' ? phase.outcome : phase.at));
  };
  return { store, llm, executor, runId, outcomes };
}

describe('a run whose place an entry takes', () => {
  it('is not worked on meanwhile, also where somebody asks for it', async () => {
    const { store, llm, executor, runId, outcomes } = await orphan([answers('one'), answers('two')]);
    store.onSupersede = async (commit) => {
      const handle = await executor.getHandle(plain, 's');
      expect(handle?.runId).toBe(runId);
      return commit();
    };
    const handle = await executor.execute(plain, 'the second', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'one', turn: 2 });
    expect(llm.requests).toHaveLength(1);
    expect(await outcomes()).toEqual(['interrupted', 'completed']);
  });

  it('goes on here where it is not heard that it is ours', async () => {
    const { store, executor, outcomes } = await orphan([answers('one')]);
    store.onClaim = async (claim) => {
      await claim();
      throw new HelixError('state_store_unavailable', 'the reply was lost');
    };
    const entry = executor.execute(plain, 'the second', { sessionId: 's' });
    await expect(entry).rejects.toMatchObject({ code: 'state_store_unavailable' });
    await expect.poll(outcomes).toEqual(['completed']);
  });

  it('is not worked on where it may be over', async () => {
    const { store, llm, executor, outcomes } = await orphan([answers('one'), answers('two')]);
    store.onSupersede = async (commit) => {
      await commit();
      return { landed: 'unknown', cause: 'the reply was lost' };
    };
    const entry = executor.execute(plain, 'the second', { sessionId: 's' });
    await expect(entry).rejects.toMatchObject({ code: 'state_commit_unknown' });
    await expect.poll(outcomes).toEqual(['interrupted', 'completed']);
    expect(llm.requests).toHaveLength(1);
  });

  it.each([
    ['the same message', 'named'],
    ['another message', 'other'],
  ])('stays as it is where another agent enters with %s', async (_, messageId) => {
    const { store, executor } = await orphan([]);
    const before = await store.load('s');
    const other = defineAgent({ name: 'other', systemPrompt: '' });
    const entry = executor.execute(other, { message: 'the second', messageId }, { sessionId: 's' });
    await expect(entry).rejects.toMatchObject({ code: 'agent_mismatch' });
    expect(await store.load('s')).toEqual(before);
  });
});
