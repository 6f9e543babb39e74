// Would catch: a run that ends while words of a failed attempt stay with its readers, since its owner lost the lease, and the stream,
// before it had taken them back.
import { HelixError, type Clock, type StreamWriter } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { expect, it } from 'vitest';
import { plain, textOf } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

/** How long a run waits for what is taken back. */
const givesUpAfterMs = 10_000;
const failsForGood = new HelixError('provider_error', 'broken', { retryable: false });

/** A stream that never answers to who takes something back. */
class StuckStreams extends InMemoryStreamManager {
  override async openWriter(...of: Parameters<InMemoryStreamManager['openWriter']>): Promise<StreamWriter> {
    const writer = await super.openWriter(...of);
    return {
      startSequence: writer.startSequence,
      append: (batchNo, chunks) =>
        chunks.some(({ type }) => type === 'rewound') ? new Promise(() => {}) : writer.append(batchNo, chunks),
    };
  }
}

/** A process whose model says something and fails, over a stream that gets stuck then; and another one, over the same stores. */
async function withWordsToTakeBack() {
  const clock = new FakeClock();
  let sleptMs = 0;
  const wall: Clock = {
    now: () => clock.now() + sleptMs,
    monotonic: () => clock.monotonic(),
    sleep: (...of) => clock.sleep(...of),
    after: (...of) => clock.after(...of),
  };
  const store = new InMemoryStateStore({ clock: wall });
  const streams = new StuckStreams();
  const speaksAndFails: MockStep = async ({ callbacks }) => {
    callbacks.onTextDelta?.('never said');
    await clock.sleep(100);
    return { type: 'error', error: failsForGood };
  };
  const executor = new JSAgentExecutor(store, streams, new MockLLMAdapter([speaksAndFails]), { clock: wall });
  await executor.execute(plain, 'Hi', { sessionId: 's' });
  await clock.advance(100);
  expect(await textOf({ store, streams }, 's')).toBe('never said');
  const phase = async () => (await store.load('s'))?.run?.phase;
  return { clock, executor, phase, sleep: (ms: number) => (sleptMs += ms) };
}

it('an owner that is closed before it took its words back ends no run', async () => {
  const { clock, executor, phase } = await withWordsToTakeBack();
  const closed = executor.close();
  await clock.advance(givesUpAfterMs);
  await closed;
  expect(await phase()).toMatchObject({ at: 'running' });
});

it('an owner that lost its lease before it took its words back ends no run', async () => {
  const { clock, phase, sleep } = await withWordsToTakeBack();
  sleep(60_000);
  await clock.advance(givesUpAfterMs);
  expect(await phase()).toMatchObject({ at: 'running' });
});

it('an owner that slept as it gave up on its words ends no run either: it asks whether it still has its lease', async () => {
  const { clock, phase, sleep } = await withWordsToTakeBack();
  await clock.advance(givesUpAfterMs - 50);
  expect(await phase()).toMatchObject({ at: 'running' });
  sleep(60_000);
  await clock.advance(50);
  expect(await phase()).toMatchObject({ at: 'running' });
});

it('an owner that has its lease ends the run, though its words are never taken back', async () => {
  const { clock, phase } = await withWordsToTakeBack();
  await clock.advance(givesUpAfterMs);
  expect(await phase()).toMatchObject({ at: 'ended' });
});
