// Would catch: a session that is worked on after it was deleted, or one that is driven twice because it was made anew.
import { defineAgent, type StepResult } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import type { InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it } from 'vitest';
import { action, answers, calls, gate, outcomes, plain, streamOf, textOf } from '../test/harness.ts';
import { shared } from '../test/shared-store.ts';
import { JSAgentExecutor } from './index.ts';

/** Holds the next opening of a stream, from `opening` until `opened` is called. */
function holdOpening(streams: InMemoryStreamManager) {
  const [opening, opened] = [gate(), gate()];
  const open = streams.openWriter.bind(streams);
  streams.openWriter = async (...given) => {
    streams.openWriter = open;
    opening.resolve();
    await opened.promise;
    return open(...given);
  };
  return { opening: opening.promise, opened: opened.resolve };
}

describe('a session that was deleted', () => {
  it('is left alone by its owner, also where it is made anew under its id', async () => {
    const { store, executor } = shared();
    const [begun, ended] = [gate<AbortSignal>(), gate()];
    const slow = action('slow', async ({ abortSignal }) => {
      begun.resolve(abortSignal);
      await ended.promise;
      return 'of the deleted session';
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [slow] });
    const again = gate<StepResult>();
    const process = executor([calls(['slow', {}]), () => again.promise]);
    await process.execute(agent, 'Hi', { sessionId: 's' });
    const signal = await begun.promise;
    await store.deleteSession('s');
    const handle = await process.execute(agent, 'Anew', { sessionId: 's' });
    await expect.poll(() => signal.aborted).toBe(true);
    ended.resolve();
    again.resolve(answers('anew'));
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'anew', turn: 1 });
    const messages = await store.messagesAfter('s', 0);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('leaves nothing in its stream once that was deleted, too, also where its owner opens that or writes it later', async () => {
    const { store, streams, executor } = shared();
    const agent = defineAgent({ name: 'a', systemPrompt: '' });
    const { opening, opened } = holdOpening(streams);
    const process = executor([({ callbacks }) => (callbacks.onTextDelta?.('late'), Promise.resolve(answers('late')))]);
    const handle = await process.execute(agent, 'Hi', { sessionId: 's' });
    await opening;
    const streamId = await streamOf(store, 's');
    await store.deleteSession('s');
    await streams.deleteStream('s');
    opened();
    await expect(handle.result()).rejects.toMatchObject({ code: 'state_session_not_found' });
    await expect.poll(() => streams.read(streamId, 0)).toEqual({ chunks: [], last: 0, floor: 0 });
  });

  it('leaves the stream alone of the one that was made anew under its id, however late it opens its own', async () => {
    const { executor, ...stores } = shared();
    const { store, streams } = stores;
    const { opening, opened } = holdOpening(streams);
    const speaks: MockStep = ({ callbacks }) => (
      callbacks.onTextDelta?.('of the deleted'),
      Promise.resolve(answers(''))
    );
    await executor([speaks]).execute(plain, 'Hi', { sessionId: 's' });
    await opening;
    const deleted = (await store.deleteSession('s')) ?? '';
    await streams.deleteStream(deleted);
    const [begun, second] = [gate(), gate<StepResult>()];
    const waits: MockStep = async ({ callbacks }) => {
      callbacks.onTextDelta?.('Of the ');
      begun.resolve();
      const answer = await second.promise;
      callbacks.onTextDelta?.('new one');
      return answer;
    };
    const handle = await executor([waits]).execute(plain, 'Anew', { sessionId: 's' });
    await begun.promise;
    opened();
    await expect.poll(() => streams.read(deleted, 0)).toMatchObject({ chunks: [] });
    second.resolve(answers('Of the new one'));
    expect(await handle.result()).toMatchObject({ status: 'completed' });
    expect(await textOf(stores, 's')).toBe('Of the new one');
    await expect.poll(() => streams.read(deleted, 0)).toEqual({ chunks: [], last: 0, floor: 0 });
  });

  it('and was made anew under its id gives its calls keys of their own', async () => {
    const { store, executor } = shared();
    const keys = new Set<string>();
    const pay = action('pay', ({ dispatchId }) => void keys.add(dispatchId));
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [pay] });
    for (const turn of ['one', 'anew']) {
      const process = executor([calls(['pay', {}]), answers(turn)]);
      await (await process.execute(agent, 'Pay', { sessionId: 's' })).result();
      await store.deleteSession('s');
    }
    expect(keys.size).toBe(2);
  });

  it('is driven once where it is made anew, however long its tools take', async () => {
    const { store, streams } = shared();
    const clock = new FakeClock();
    const [begun, ended] = [[gate(), gate()], gate()];
    let bodies = 0;
    const slow = action(
      'slow',
      async () => {
        bodies += 1;
        begun[bodies - 1]?.resolve();
        await ended.promise;
        return bodies;
      },
      { replay: 'safe' },
    );
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [slow] });
    const script = [calls(['slow', {}]), calls(['slow', {}]), answers('anew')];
    const process = new JSAgentExecutor(store, streams, new MockLLMAdapter(script), { clock });
    await process.execute(agent, 'Hi', { sessionId: 's' });
    await begun[0]?.promise;
    await store.deleteSession('s');
    const handle = await process.execute(agent, 'Anew', { sessionId: 's' });
    await begun[1]?.promise;
    await clock.advance(5_000);
    ended.resolve();
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'anew' });
    expect(outcomes(await store.messagesAfter('s', 0))).toEqual([{ type: 'result', value: 2 }]);
    expect(bodies).toBe(2);
  });
});
