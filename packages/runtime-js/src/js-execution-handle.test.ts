// Would catch: a reader that waits for ever at a place where no chunk can ever be.
import { getEventListeners } from 'node:events';
import { HelixError, type StepResult, type StreamManager } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter } from '@helix-agents/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { answers, collect, gate, inMemory, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

describe('the stream of a run', () => {
  it.each<unknown>([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, '2'])(
    'after %s is refused: no chunk is there',
    async (after) => {
      const { executor } = inMemory([answers('Hello')]);
      const handle = await executor.execute(plain, 'Hi');
      await expect(handle.stream({ after: after as number })).rejects.toMatchObject({
        code: 'input_invalid',
        message: expect.stringContaining(
          `after must be the sequence of a chunk, or 0 for none, got ${typeof after === 'string' ? '"2"' : String(after)}`,
        ),
      });
    },
  );

  it('after nothing begins with the first chunk of the session', async () => {
    const { executor } = inMemory([answers('Hello')]);
    const handle = await executor.execute(plain, 'Hi');
    expect((await collect(await handle.stream({ after: 0 }))).map(({ type }) => type)).toContain('text_delta');
  });

  it('watches nothing any more once its signal aborted, also where nobody asks for the next chunk', async () => {
    const { executor, store, streams } = inMemory([answers('Hello')]);
    const handle = await executor.execute(plain, 'Hi');
    await handle.result();
    let watched = 0;
    for (const signals of [store.signals, streams] as { watch: StreamManager['watch'] }[]) {
      const watch = signals.watch.bind(signals);
      signals.watch = (...of) => {
        const stop = watch(...of);
        watched += 1;
        return () => {
          watched -= 1;
          stop();
        };
      };
    }
    const reader = new AbortController();
    const chunks = (await handle.stream({ abortSignal: reader.signal }))![Symbol.asyncIterator]();
    expect(await chunks.next()).toMatchObject({ done: false });
    expect(watched).toBe(2);
    reader.abort();
    expect(watched).toBe(0);
  });

  it('is found also where the store does not answer at first', async () => {
    const clock = new FakeClock();
    const { executor, store } = inMemory([answers('Hello')], { clock });
    const handle = await executor.execute(plain, 'Hi');
    await handle.result();
    vi.spyOn(store, 'load').mockRejectedValueOnce(new HelixError('state_store_unavailable', 'away'));
    const streaming = handle.stream();
    await clock.advance(1_000);
    expect((await collect(await streaming)).map(({ type }) => type)).toContain('text_delta');
  });
});

describe('the result of a run', () => {
  it('leaves nothing with a signal that outlives it, whichever process drives the run', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const may = gate<StepResult>();
    const { executor, store, streams } = inMemory([() => may.promise], { clock });
    const here = await executor.execute(plain, 'Hi', { sessionId: 's' });
    const elsewhere = new JSAgentExecutor(store, streams, new MockLLMAdapter([]), { clock });
    const there = await elsewhere.getHandle(plain, 's');
    const results = [here.result({ abortSignal: signal }), Promise.resolve(there?.result({ abortSignal: signal }))];
    await clock.advance(2_500);
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    may.resolve(answers('Hello'));
    await clock.advance(1_000);
    expect(await Promise.all(results)).toMatchObject([{ output: 'Hello' }, { output: 'Hello' }]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

it('canResume says what there is to do with a session, as it goes on', async () => {
  const [asked, may] = [gate(), gate()];
  const slow = () => (asked.resolve(), may.promise.then(() => answers('One')));
  const { executor } = inMemory([slow, { type: 'error', error: new HelixError('provider_refused', 'no') }]);
  expect(await executor.canResume(plain, 's')).toEqual({ canResume: false, reason: 'not_found' });
  const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
  await asked.promise;
  expect(await handle.canResume()).toEqual({ canResume: false, reason: 'running' });
  may.resolve();
  await handle.result();
  expect(await handle.canResume()).toEqual({ canResume: false, reason: 'completed' });
  await (await executor.execute(plain, 'And?', { sessionId: 's' })).result();
  expect(await handle.canResume()).toEqual({ canResume: false, reason: 'failed_use_retry' });
});

describe('a handle whose session was deleted', () => {
  it('says so, whatever it is asked', async () => {
    const { executor, store } = inMemory([answers('Hello')]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await handle.result();
    await store.deleteSession('s');
    const gone = { code: 'state_session_not_found' };
    await expect(handle.result()).rejects.toMatchObject(gone);
    await expect(handle.getState()).rejects.toMatchObject(gone);
    await expect(handle.getUsageRollup()).rejects.toMatchObject(gone);
    await expect(handle.interrupt()).rejects.toMatchObject(gone);
    await expect(handle.resume({ mode: 'with_message', message: 'And?' })).rejects.toMatchObject(gone);
    expect(await handle.stream()).toBeNull();
    expect(await handle.canResume()).toEqual({ canResume: false, reason: 'not_found' });
  });
});
