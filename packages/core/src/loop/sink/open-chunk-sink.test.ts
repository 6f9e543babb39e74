// Would catch: an owner that goes on streaming after its lease ended, or one that loses chunks because a renewal was late.
import { describe, expect, it } from 'vitest';
import type { StreamManager } from '../../contracts/stream-manager.ts';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { StreamChunk } from '../../session/chunk.ts';
import { headRowOf } from '../../session/fence.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import type { LeaseGuard } from '../lease/lease-guard.ts';
import { openChunkSink } from './open-chunk-sink.ts';

const session = {
  sessionId: 's',
  agentType: 'a',
  epoch: 1,
  streamSequence: 0,
  run: null,
} as unknown as SessionSnapshot;
const place = { step: 1, attempt: 1 };

const limits = { maxChunkBytes: 1_000 };

/** A sink over a stream that is opened so. */
function openSink(openWriter: StreamManager['openWriter'], lease: LeaseGuard, ports = resolvePorts()) {
  const streams = { limits, openWriter, deleteStream: () => Promise.resolve() };
  const store = { head: async () => headRowOf(session), load: async () => session };
  return openChunkSink({ store, streams, ports }, session, lease);
}

async function sinkUnder(lease: LeaseGuard) {
  const stream: StreamChunk[] = [];
  const append = (_: number, chunks: readonly StreamChunk[]) => stream.push(...chunks);
  const openWriter = () => Promise.resolve({ startSequence: 0, append });
  const sink = await openSink(openWriter, lease);
  sink.write({ type: 'text_delta', delta: 'x' }, place);
  return { stream, sink };
}

describe('an owner that may have lost its lease', () => {
  it('writes no chunk until it knows that it has not', async () => {
    const renewed = Promise.withResolvers<void>();
    let safe = false;
    const { stream, sink } = await sinkUnder({ mayStartEffect: () => safe, untilSafe: () => renewed.promise });
    const flushed = sink.flush();
    expect(stream).toHaveLength(0);
    safe = true;
    renewed.resolve();
    await flushed;
    expect(stream).toHaveLength(1);
  });

  it('writes none any more once it knows that it has', async () => {
    const { stream, sink } = await sinkUnder({
      mayStartEffect: () => false,
      untilSafe: () => Promise.reject(new Error('ended')),
    });
    await sink.flush();
    sink.write({ type: 'text_delta', delta: 'y' }, place);
    await sink.close();
    expect(stream).toHaveLength(0);
  });
});

it('a stream that does not answer holds a commit up for a second, not for ever', async () => {
  const clock = new FakeClock();
  const openWriter = () => Promise.resolve({ startSequence: 0, append: () => new Promise<number>(() => {}) });
  const always = { mayStartEffect: () => true, untilSafe: () => Promise.resolve() };
  const sink = await openSink(openWriter, always, resolvePorts({ clock }));
  sink.write({ type: 'text_delta', delta: 'x' }, place);
  let flushed = false;
  const flush = sink.flush().then(() => (flushed = true));
  await clock.advance(900);
  expect(flushed).toBe(false);
  await clock.advance(200);
  await flush;
});
