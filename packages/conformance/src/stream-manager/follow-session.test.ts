// Would catch: a reader that hangs, repeats, leaves out, or tells an end that is not in the record (S9, S10).
import { beforeEach, describe, expect, it } from 'vitest';
import {
  followSession,
  HelixError,
  streamIdOf,
  type RunQuery,
  type StreamChunk,
  type StreamFrame,
  type StreamWriter,
} from '@helix-agents/core';
import { FakeClock } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { endParts, parkParts, replyParts, waitRecord } from '../records/commit-parts.ts';
import { SessionWriter } from '../records/session-writer.ts';
import { text } from './backend.ts';

/** A reader of one run, and what it got so far. */
class Reader {
  readonly frames: StreamFrame[] = [];
  readonly batches: number[] = [];
  done = false;
  error: unknown;

  constructor(batches: AsyncIterable<readonly StreamFrame[]>) {
    void this.#read(batches);
  }

  /** Short: texts by themselves, other frames by their name. */
  get told(): string[] {
    return this.frames.map((frame) => {
      if (frame.type === 'chunk') return frame.chunk.type === 'text_delta' ? frame.chunk.delta : frame.chunk.type;
      if (frame.type === 'rewound') return `rewound to ${frame.toSequence}`;
      return frame.type === 'end' ? frame.status : frame.type;
    });
  }

  async #read(batches: AsyncIterable<readonly StreamFrame[]>): Promise<void> {
    try {
      for await (const batch of batches) {
        this.batches.push(batch.length);
        this.frames.push(...batch);
      }
    } catch (error) {
      this.error = error;
    }
    this.done = true;
  }
}

describe('followSession', () => {
  let clock: FakeClock;
  let store: InMemoryStateStore;
  let streams: InMemoryStreamManager;
  let session: SessionWriter;
  let writer: StreamWriter;
  let batchNo: number;

  beforeEach(async () => {
    clock = new FakeClock();
    store = new InMemoryStateStore({ clock });
    streams = new InMemoryStreamManager();
    session = await new SessionWriter(store).start({ claim: { holderId: 'h' } });
    batchNo = 0;
    await open(1);
  });

  const open = async (epoch: number) => {
    writer = await streams.openWriter(streamIdOf(session.model!), { runId: session.runId, epoch, attempt: 1 });
  };
  const say = (...deltas: string[]) => append(...deltas.map((delta) => text(delta)));
  const append = (...chunks: StreamChunk[]) =>
    writer.append(
      (batchNo += 1),
      chunks.map((chunk) => ({ ...chunk, runId: session.runId })),
    );
  const gap = () => ({ ...text(''), type: 'gap' }) as unknown as StreamChunk;
  const rewind = (toSequence: number) => append({ ...text(''), type: 'rewound', toSequence } as unknown as StreamChunk);
  const follow = (options: Partial<Parameters<typeof followSession>[0]> = {}) =>
    new Reader(
      followSession({
        stateStore: store,
        streamManager: streams,
        sessionId: session.sessionId,
        after: 0,
        clock,
        ...options,
      }),
    );
  const stands = (streamSequence: number) => ({ head: { streamSequence } });

  it('tells history, then that it caught up, then what comes, then the end', async () => {
    await say('a', 'b');
    const reader = follow();
    await clock.advance(0);
    expect(reader.told).toEqual(['a', 'b', 'caught-up']);
    await say('c');
    await say('d', 'e');
    await clock.advance(0);
    expect(reader.told).toEqual(['a', 'b', 'caught-up', 'c', 'd', 'e']);
    await session.write({ ...endParts(), ...stands(5) });
    await clock.advance(0);
    expect(reader.told.slice(6)).toEqual(['completed']);
    expect(reader.done).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('tells nothing of what an owner of a former session under the id left, or leaves meanwhile', async () => {
    await say('former', 'words');
    const late = writer;
    const { sessionId } = session;
    await store.deleteSession(sessionId);
    session = await new SessionWriter(store, { sessionId }).start({ claim: { holderId: 'h' } });
    await open(1);
    const reader = follow();
    await clock.advance(0);
    await late.append(7, [text('late')]);
    await say('new');
    await session.write({ ...endParts(), ...stands(1) });
    await clock.advance(0);
    expect(reader.told).toEqual(['caught-up', 'new', 'completed']);
  });

  it('tells that the session is gone, and nothing more, where one was made anew under its id meanwhile', async () => {
    await say('a');
    const reader = follow();
    await clock.advance(0);
    const late = writer;
    const { sessionId } = session;
    await store.deleteSession(sessionId);
    session = await new SessionWriter(store, { sessionId }).start({ claim: { holderId: 'h' } });
    await open(1);
    await say('new', 'words');
    await clock.advance(0);
    await late.append(7, [text('late')]);
    await clock.advance(2_000);
    expect(reader.told).toEqual(['a', 'caught-up', 'fail']);
    expect(reader.frames.at(-1)).toMatchObject({ errorDetail: { code: 'state_session_not_found' } });
  });

  it('tells history in batches, not chunk by chunk', async () => {
    await append(...Array.from({ length: 2_500 }, (_, index) => text(String(index))));
    await session.write({ ...endParts(), ...stands(2_500) });
    const reader = follow();
    await clock.advance(0);
    expect(reader.told).toHaveLength(2_502);
    expect(reader.batches.length).toBeLessThan(6);
  });

  it('goes on after a cursor', async () => {
    await say('a', 'b', 'c');
    const reader = follow({ after: 2 });
    await clock.advance(0);
    expect(reader.told).toEqual(['c', 'caught-up']);
    expect(reader.frames.at(-1)).toEqual({ type: 'caught-up', sequence: 3 });
  });

  it('misses and repeats nothing, wherever in a running stream it begins', async () => {
    const readers: Reader[] = [];
    for (let index = 1; index <= 60; index += 1) {
      await say(String(index));
      if (index % 10 === 0) readers.push(follow({ after: index - 10 }));
      await clock.advance(index % 3);
    }
    await session.write({ ...endParts(), ...stands(60) });
    await clock.advance(5_000);
    readers.forEach((reader, index) => {
      const heard = reader.frames.flatMap((frame) => (frame.type === 'chunk' ? [frame.sequence] : []));
      expect(heard).toEqual(Array.from({ length: 60 - index * 10 }, (_, offset) => index * 10 + offset + 1));
      expect(reader.told.at(-1)).toBe('completed');
    });
  });

  it('tells how the run ended from the record, with its output or its error', async () => {
    const error = { message: 'secret', code: 'provider_error', category: 'provider', retryable: true } as const;
    await session.write({ run: { op: 'end', outcome: 'failed', reason: 'error', error, endedAt: 5 } });
    const reader = follow();
    await clock.advance(0);
    expect(reader.frames.at(-1)).toEqual({
      type: 'fail',
      error: 'The model failed to answer.',
      errorDetail: error,
      recoverable: false,
    });
  });

  it('ends with paused where somebody must act, and not where the answer is there already', async () => {
    await say('a');
    await session.write({ ...parkParts([waitRecord('w', session.runId)]), ...stands(1) });
    const early = follow();
    await clock.advance(0);
    expect(early.told).toEqual(['a', 'caught-up', 'paused']);
    const answer = { kind: 'input', value: 'yes' } as const;
    await session.deliver({ kind: 'answer', waitId: 'w', generation: 0, answer, at: 1 });
    const late = follow();
    await clock.advance(5_000);
    expect(late.told).toEqual(['a', 'caught-up']);
    expect(late.done).toBe(false);
  });

  it('does not end between two attempts, when the run waits for nobody', async () => {
    await session.write(parkParts());
    const reader = follow();
    await clock.advance(10_000);
    expect(reader.done).toBe(false);
  });

  it('waits for chunks that the record says exist, and tells them before the end', async () => {
    await session.write({ ...endParts(), ...stands(2) });
    const reader = follow();
    await clock.advance(500);
    await say('a', 'b');
    await clock.advance(0);
    expect(reader.told).toEqual(['caught-up', 'a', 'b', 'completed']);
  });

  it('tells of a gap, and then the end, where these chunks did not come for two seconds: their writer died', async () => {
    await say('a');
    await session.write({ ...endParts(), ...stands(9) });
    const reader = follow();
    await clock.advance(1_900);
    expect(reader.done).toBe(false);
    await clock.advance(300);
    expect(reader.told).toEqual(['a', 'caught-up', 'gap', 'completed']);
    expect(reader.done).toBe(true);
    expect(reader.frames.at(-2)).toMatchObject({ sequence: 9, chunk: { runId: session.runId, type: 'gap' } });
    const again = follow({ after: 9 });
    await clock.advance(0);
    expect(again.told).toEqual(['caught-up', 'completed']);
  });

  it('keeps a gap where another one, behind what was taken back, is taken back itself', async () => {
    await say('a');
    await append(gap(), gap());
    await say('wrong');
    await open(2);
    await rewind(3);
    await append(gap());
    await rewind(3);
    await say('b');
    const reader = follow();
    await clock.advance(0);
    expect(reader.told).toEqual(['a', 'gap', 'b', 'caught-up']);
    expect(reader.frames[1]).toMatchObject({ sequence: 2 });
  });

  it('keeps a gap where another one that came with it is taken back later', async () => {
    const reader = follow();
    await say('a');
    await append(gap(), gap());
    await clock.advance(0);
    await open(2);
    await rewind(2);
    await clock.advance(0);
    expect(reader.told).toEqual(['a', 'gap', 'caught-up', 'rewound to 2']);
    expect(reader.frames[1]).toMatchObject({ sequence: 2 });
  });

  it('tells of a gap once, however many chunks are missing, and goes on behind it', async () => {
    const reader = follow();
    await say('a');
    await append(...Array.from({ length: 5 }, () => gap()));
    await say('b');
    await clock.advance(0);
    expect(reader.told).toEqual(['a', 'gap', 'b', 'caught-up']);
    expect(reader.frames[1]).toMatchObject({ sequence: 2 });
    const late = follow({ after: 3 });
    await clock.advance(0);
    expect(late.told).toEqual(['gap', 'b', 'caught-up']);
  });

  it('tells of what is missing at the end of a run, which the owner of the next one marks', async () => {
    const { runId } = session;
    await say('a');
    await session.write({ ...endParts(), ...stands(3) });
    await session.start({ claim: { holderId: 'h' }, startSequence: 3 });
    await open(2);
    await append(gap(), gap());
    await say('of the next run');
    const reader = follow({ runId });
    await clock.advance(0);
    expect(reader.told).toEqual(['a', 'gap', 'caught-up', 'completed']);
    expect(reader.frames[1]).toMatchObject({ sequence: 2, chunk: { runId } });
  });

  it('finds the end without any signal, by looking', async () => {
    const deaf = { watch: () => () => {}, notify: () => {}, watchDue: () => () => {} };
    const stateStore = {
      head: (id: string) => store.head(id),
      load: (id: string) => store.load(id),
      findEndedRun: (id: string, query: RunQuery) => store.findEndedRun(id, query),
      signals: deaf,
    };
    const streamManager = { read: streams.read.bind(streams), watch: () => () => {} };
    const reader = follow({ stateStore, streamManager, pollMs: 1_000 });
    await clock.advance(10);
    await say('a');
    await session.write({ ...endParts(), ...stands(1) });
    await clock.advance(500);
    expect(reader.told).toEqual(['caught-up']);
    await clock.advance(1_000);
    expect(reader.told).toEqual(['caught-up', 'a', 'completed']);
  });

  it('asks the head seldom while chunks come, and once in a while when nothing does', async () => {
    let asked = 0;
    const stateStore = {
      head: (id: string) => {
        asked += 1;
        return store.head(id);
      },
      load: (id: string) => store.load(id),
      findEndedRun: (id: string, query: RunQuery) => store.findEndedRun(id, query),
      signals: store.signals,
    };
    follow({ stateStore });
    for (let index = 0; index < 100; index += 1) {
      await say(String(index));
      await clock.advance(10);
    }
    expect(asked).toBeLessThanOrEqual(15);
    asked = 0;
    await clock.advance(10_000);
    expect(asked).toBeLessThanOrEqual(11);
  });

  it('passes on that chunks are withdrawn, and leaves out what a reader has not got', async () => {
    await say('a');
    const early = follow();
    await clock.advance(0);
    await say('wrong', 'wrong again');
    await clock.advance(0);
    await open(2);
    await rewind(1);
    await say('right');
    await session.write({ ...endParts(), ...stands(5) });
    await clock.advance(0);
    expect(early.told).toEqual(['a', 'caught-up', 'wrong', 'wrong again', 'rewound to 1', 'right', 'completed']);
    const late = follow();
    const between = follow({ after: 3 });
    await clock.advance(0);
    expect(late.told).toEqual(['a', 'right', 'caught-up', 'completed']);
    expect(between.told).toEqual(['rewound to 1', 'right', 'caught-up', 'completed']);
  });

  it('rewinds more than once, also to the beginning', async () => {
    await say('x');
    await open(2);
    await rewind(0);
    await say('y');
    await open(3);
    await rewind(2);
    await say('z');
    const reader = follow();
    await clock.advance(0);
    expect(reader.told).toEqual(['z', 'caught-up']);
  });

  it('does not leak a later run into a reader of an earlier one', async () => {
    const first = session.runId;
    await say('first');
    const early = follow({ runId: first });
    await clock.advance(0);
    await session.write({ ...endParts(), ...stands(1) });
    await session.start({ startSequence: 1, claim: { holderId: 'h' } });
    await open(2);
    await say('second');
    await clock.advance(0);
    const late = follow({ runId: first });
    const current = follow({ after: 1 });
    await clock.advance(0);
    expect(early.told).toEqual(['first', 'caught-up', 'completed']);
    expect(late.told).toEqual(['first', 'caught-up', 'completed']);
    expect(current.told).toEqual(['second', 'caught-up']);
    const second = session.runId;
    await session.write({ ...endParts(), ...stands(2) });
    await session.start({ startSequence: 2, claim: { holderId: 'h' } });
    await open(3);
    await say('third');
    const [ofFirst, ofSecond] = [follow({ runId: first }), follow({ runId: second, after: 1 })];
    await clock.advance(0);
    expect(ofFirst.told).toEqual(['first', 'caught-up', 'completed']);
    expect(ofSecond.told).toEqual(['second', 'caught-up', 'completed']);
  });

  it('passes on once what is withdrawn more than once', async () => {
    const reader = follow();
    await say('kept', 'wrong');
    await clock.advance(0);
    for (const epoch of [2, 3]) {
      await open(epoch);
      await rewind(1);
      await clock.advance(0);
    }
    await say('right');
    await clock.advance(0);
    await rewind(4);
    await clock.advance(0);
    expect(reader.told).toEqual(['kept', 'wrong', 'caught-up', 'rewound to 1', 'right', 'rewound to 4']);
  });

  it('passes on once what was withdrawn more than once while it was away, and each that goes further back', async () => {
    await say('a', 'b', 'c');
    for (const [index, to] of [2, 2, 1, 1].entries()) {
      await open(index + 2);
      await rewind(to);
    }
    const reader = follow({ after: 3 });
    await clock.advance(0);
    expect(reader.told).toEqual(['rewound to 2', 'rewound to 1', 'caught-up']);
  });

  it('withdraws from a reader what the next run did not take over', async () => {
    await say('kept', 'lost');
    const reader = follow();
    await clock.advance(0);
    const supersedes = { op: 'end', outcome: 'interrupted', reason: 'superseded', endedAt: 5 } as const;
    await session.start({ startSequence: 1, supersedes });
    await clock.advance(0);
    expect(reader.told).toEqual(['kept', 'lost', 'caught-up', 'rewound to 1', 'interrupted']);
    const next = follow({ after: 1 });
    await clock.advance(0);
    expect(next.told).toEqual(['caught-up']);
  });

  it('is told that its cursor is too old, at the beginning and when it is too slow', async () => {
    await say('a', 'b', 'c');
    await streams.trim(streamIdOf(session.model!), 2);
    const reader = follow();
    await clock.advance(0);
    expect(reader.frames).toMatchObject([{ type: 'truncated', floor: 2, errorDetail: { code: 'stream_truncated' } }]);
    expect(reader.done).toBe(true);
    const kept = follow({ after: 2 });
    await clock.advance(0);
    expect(kept.told).toEqual(['c', 'caught-up']);
  });

  it('of a session or run that does not exist, or that is deleted, ends with a failure', async () => {
    const unknown = follow({ sessionId: 'nobody' });
    const otherRun = follow({ runId: 'nobody' });
    const deleted = follow();
    await clock.advance(0);
    await store.deleteSession(session.sessionId);
    await clock.advance(0);
    for (const reader of [unknown, otherRun, deleted]) {
      expect(reader.frames.at(-1)).toMatchObject({
        type: 'fail',
        errorDetail: { code: 'state_session_not_found' },
        recoverable: false,
      });
      expect(reader.done).toBe(true);
    }
  });

  it('ends silently when it is told to, also while it waits', async () => {
    const stop = new AbortController();
    const reader = follow({ abortSignal: stop.signal });
    const never = follow({ abortSignal: AbortSignal.abort() });
    await clock.advance(0);
    stop.abort();
    await clock.advance(0);
    expect(reader.told).toEqual(['caught-up']);
    expect(never.told).toEqual([]);
    expect([reader.done, reader.error, never.done]).toEqual([true, undefined, true]);
    expect(clock.pending).toBe(0);
  });

  it('leaves no listener behind when the reader goes away', async () => {
    const listeners = new Set<() => void>();
    const streamManager = {
      read: streams.read.bind(streams),
      watch: (_: string, listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    await say('a');
    const frames = followSession({ stateStore: store, streamManager, sessionId: session.sessionId, after: 0, clock });
    await frames.next();
    expect(listeners.size).toBe(1);
    await frames.return();
    expect(listeners.size).toBe(0);
  });

  it('answers those who ask at once one after the other, and ends a wait when the reader goes away', async () => {
    await append(...Array.from({ length: 1_500 }, (_, index) => text(String(index))));
    const frames = followSession({
      stateStore: store,
      streamManager: streams,
      sessionId: session.sessionId,
      after: 0,
      clock,
    });
    const asked = Array.from({ length: 4 }, () => frames.next());
    const lengths = (await Promise.all(asked.slice(0, 2))).map(({ value }) => value?.length);
    expect(lengths).toEqual([1_000, 501]);
    await clock.advance(0);
    await frames.return();
    expect(await Promise.all(asked.slice(2))).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('waits out an outage of a minute, then tells it', async () => {
    let away = true;
    const error = new HelixError('state_store_unavailable', 'away');
    const streamManager = {
      read: (...given: Parameters<typeof streams.read>) => (away ? Promise.reject(error) : streams.read(...given)),
      watch: streams.watch.bind(streams),
    };
    const read = () =>
      followSession({ stateStore: store, streamManager, sessionId: session.sessionId, after: 0, clock });
    await say('early');
    const survivor = read();
    const heard = survivor.next();
    await clock.advance(30_000);
    away = false;
    await clock.advance(300);
    expect((await heard).value).toMatchObject([{ type: 'chunk', chunk: { delta: 'early' } }, { type: 'caught-up' }]);
    await survivor.return();
    away = true;
    let told: unknown;
    read()
      .next()
      .catch((thrown: unknown) => (told = thrown));
    await clock.advance(59_000);
    expect(told).toBeUndefined();
    await clock.advance(2_000);
    expect(told).toBe(error);
    expect(clock.pending).toBe(0);
  });

  it('asks a store that is away at its own pace, however often it is told to look', async () => {
    let asked = 0;
    const streamManager = {
      read: () => {
        asked += 1;
        return Promise.reject(new HelixError('state_store_unavailable', 'away'));
      },
      watch: streams.watch.bind(streams),
    };
    const frames = followSession({ stateStore: store, streamManager, sessionId: session.sessionId, after: 0, clock });
    const reading = frames.next();
    for (let index = 0; index < 100; index += 1) {
      streams.poke(streamIdOf(session.model!));
      await clock.advance(10);
    }
    expect(asked).toBeLessThanOrEqual(5);
    await frames.return();
    expect(await reading).toEqual({ done: true, value: undefined });
    expect(clock.pending).toBe(0);
  });

  it('that goes away while a read fails does not wait any more', async () => {
    const failing = Promise.withResolvers<never>();
    const streamManager = { read: () => failing.promise, watch: streams.watch.bind(streams) };
    const frames = followSession({ stateStore: store, streamManager, sessionId: session.sessionId, after: 0, clock });
    const reading = frames.next();
    await clock.advance(0);
    await frames.return();
    failing.reject(new HelixError('state_store_unavailable', 'away'));
    expect(await reading).toEqual({ done: true, value: undefined });
    expect(clock.pending).toBe(0);
  });

  it('rejects once where a store cannot be read, and leaves nothing behind', async () => {
    const streamManager = {
      read: () => Promise.reject(new Error('away')),
      watch: streams.watch.bind(streams),
    };
    const frames = followSession({ stateStore: store, streamManager, sessionId: session.sessionId, after: 0, clock });
    await expect(frames.next()).rejects.toThrow('away');
    expect(await frames.next()).toEqual({ done: true, value: undefined });
    expect(clock.pending).toBe(0);
  });

  it('sets no timer for each signal', async () => {
    let timers = 0;
    const counting = {
      monotonic: () => clock.monotonic(),
      after: (ms: number, callback: () => void) => {
        timers += 1;
        return clock.after(ms, callback);
      },
    };
    const reader = follow({ clock: counting });
    for (let index = 0; index < 200; index += 1) {
      await say(String(index));
      await clock.advance(1);
    }
    expect(reader.told).toHaveLength(201);
    expect(timers).toBeLessThan(10);
  });

  it('that reads slowly delays no writer, and gets everything', async () => {
    const frames = followSession({
      stateStore: store,
      streamManager: streams,
      sessionId: session.sessionId,
      after: 0,
      clock,
    });
    await frames.next();
    for (let index = 1; index <= 300; index += 1) await say(String(index));
    await session.write({ ...replyParts(session.runId, 1), ...stands(300) });
    await session.write({ ...endParts(), ...stands(300) });
    const heard: number[] = [];
    for await (const batch of frames) for (const frame of batch) if (frame.type === 'chunk') heard.push(frame.sequence);
    expect(heard).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });
});
