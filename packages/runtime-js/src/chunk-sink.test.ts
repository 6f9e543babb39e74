// Would catch: an owner that goes on streaming after its lease ended, or one that loses chunks because a renewal was late.
import { resolvePorts, type LeaseGuard, type SessionSnapshot } from '@helix-agents/core';
import { FakeClock } from '@helix-agents/core/testing';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it } from 'vitest';
import { gate } from '../test/harness.ts';
import { openChunkSink } from './chunk-sink.ts';

const session = {
  sessionId: 's',
  agentType: 'a',
  epoch: 1,
  streamSequence: 0,
  run: null,
} as unknown as SessionSnapshot;
const place = { step: 1, attempt: 1 };

async function sinkUnder(lease: LeaseGuard) {
  const streams = new InMemoryStreamManager();
  const sink = await openChunkSink(streams, session, resolvePorts(), lease);
  sink.write({ type: 'text_delta', delta: 'x' }, place);
  return { streams, sink };
}

describe('an owner that may have lost its lease', () => {
  it('writes no chunk until it knows that it has not', async () => {
    const renewed = gate();
    let safe = false;
    const { streams, sink } = await sinkUnder({ mayStartEffect: () => safe, untilSafe: () => renewed.promise });
    const flushed = sink.flush();
    expect((await streams.read('s', 0)).last).toBe(0);
    safe = true;
    renewed.resolve();
    await flushed;
    expect((await streams.read('s', 0)).last).toBe(1);
  });

  it('writes none any more once it knows that it has', async () => {
    const { streams, sink } = await sinkUnder({
      mayStartEffect: () => false,
      untilSafe: () => Promise.reject(new Error('ended')),
    });
    await sink.flush();
    sink.write({ type: 'text_delta', delta: 'y' }, place);
    await sink.close();
    expect((await streams.read('s', 0)).last).toBe(0);
  });
});

it('a stream that does not answer holds a commit up for a second, not for ever', async () => {
  const clock = new FakeClock();
  const streams = new InMemoryStreamManager();
  const deaf = Object.assign(Object.create(streams) as InMemoryStreamManager, {
    openWriter: () => Promise.resolve({ startSequence: 0, append: () => new Promise<number>(() => {}) }),
  });
  const always = { mayStartEffect: () => true, untilSafe: () => Promise.resolve() };
  const sink = await openChunkSink(deaf, session, resolvePorts({ clock }), always);
  sink.write({ type: 'text_delta', delta: 'x' }, place);
  let flushed = false;
  const flush = sink.flush().then(() => (flushed = true));
  await clock.advance(900);
  expect(flushed).toBe(false);
  await clock.advance(200);
  await flush;
});
