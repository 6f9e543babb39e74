// Would catch: a slow reader for whom a whole page of the stream is held as one text, and a batch that cannot be written which
// leaves its reader without a word and its source open for ever; a reader that stops to read and holds its source.
import type { Clock } from '@helix-agents/core';
import { FakeClock } from '@helix-agents/core/testing';
import type { UIMessageChunk } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import { sseResponse } from './sse-response.ts';

type Batch = readonly UIMessageChunk[];

const delta = (text: string): UIMessageChunk => ({ type: 'text-delta', id: 't', delta: text });
/** Where nobody chose a time. */
const maxStallMs = 60_000;
const failed: UIMessageChunk = { type: 'error', errorText: 'It broke.' };
const still = { after: () => () => {} };

function serve(batches: () => AsyncGenerator<Batch, void, void>, clock: Pick<Clock, 'after'> = still) {
  const told: unknown[] = [];
  const state = { closed: false, told };
  const chunks = (async function* () {
    try {
      yield* batches();
    } finally {
      state.closed = true;
    }
  })();
  const reader = new AbortController();
  const onFailure = (thrown: unknown): Batch => {
    told.push(thrown);
    return [failed];
  };
  return { state, reader, response: sseResponse({ chunks, reader, clock, onFailure }) };
}

const eventsOf = (text: string) => text.split('\n\n').filter((event) => event !== '');
const lastWords = [`data: ${JSON.stringify(failed)}`, 'data: [DONE]'];

describe('a batch that is large', () => {
  it('is sent in pieces of at most 64 KiB, and written no faster than it is read', async () => {
    let written = 0;
    const chunk = { ...delta('ü'.repeat(50_000)), toJSON: () => (written += 1) && delta('ü'.repeat(50_000)) };
    const { response } = serve(async function* () {
      yield Array.from({ length: 100 }, () => chunk);
    });
    const stream = response.body?.getReader();
    const sizes: number[] = [];
    let early = 0;
    for (let next = await stream?.read(); next && !next.done; next = await stream?.read()) {
      sizes.push(next.value.length);
      if (sizes.length === 4) early = written;
    }
    expect(early).toBeLessThan(10);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
    expect(written).toBe(100);
    expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(100 * 100_000);
  });

  it('arrives unchanged, wherever it was cut', async () => {
    const batch = Array.from({ length: 40 }, (_, index) => delta(`${index}:${'aü€😀'.repeat(index * 700)}`));
    const { response } = serve(async function* () {
      yield batch;
    });
    const events = eventsOf(await response.text());
    expect(events).toEqual([...batch.map((chunk) => `data: ${JSON.stringify(chunk)}`), 'data: [DONE]']);
  });
});

it('a reply in which nothing is said for long is kept open by comments, and nothing of it is lost', async () => {
  const time = new FakeClock();
  const said = Promise.withResolvers<void>();
  const chunks = (async function* (): AsyncGenerator<Batch, void, void> {
    yield [delta('one')];
    await said.promise;
    yield [delta('two')];
  })();
  const onFailure = vi.fn<(thrown: unknown) => Batch>(() => [failed]);
  const { body } = sseResponse({ chunks, reader: new AbortController(), clock: time, onFailure });
  const stream = body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => (await stream?.read())?.value;
  expect(await next()).toContain('one');
  for (const silence of [1, 2]) {
    const comment = next();
    await time.advance(15_000);
    expect(await comment, `after silence ${silence}`).toBe(': keep-alive\n\n');
  }
  said.resolve();
  expect([await next(), await next(), await next()]).toEqual([
    `data: ${JSON.stringify(delta('two'))}\n\n`,
    'data: [DONE]\n\n',
    undefined,
  ]);
  expect(time.pending).toBe(0);
});

describe('what cannot be', () => {
  it('written is told, and lets go of the source', async () => {
    const { response, state, reader } = serve(async function* () {
      yield [delta('a'), { type: 'data-x', data: 1n }];
      yield [delta('never')];
    });
    expect(eventsOf(await response.text())).toEqual(lastWords);
    expect({ closed: state.closed, aborted: reader.signal.aborted }).toEqual({ closed: true, aborted: true });
    expect(state.told).toEqual([expect.any(TypeError)]);
  });

  it('read is told', async () => {
    const { response, state } = serve(async function* () {
      yield [delta('a')];
      throw new Error('the store is away');
    });
    expect(eventsOf(await response.text())).toEqual([`data: ${JSON.stringify(delta('a'))}`, ...lastWords]);
    expect(state.told).toEqual([new Error('the store is away')]);
  });
});

describe('a reader that leaves', () => {
  it('lets go of the source, in the middle of a batch too', async () => {
    const { response, state, reader } = serve(async function* () {
      yield Array.from({ length: 10 }, () => delta('x'.repeat(60_000)));
    });
    const stream = response.body?.getReader();
    await stream?.read();
    await stream?.cancel();
    await expect.poll(() => state.closed).toBe(true);
    expect(reader.signal.aborted).toBe(true);
    expect(state.told).toEqual([]);
  });
});

describe('a reader that takes nothing', () => {
  /** Rings what is due when the time is moved on. */
  function makeClock() {
    const waits = new Set<{ readonly at: number; readonly ring: () => void }>();
    let now = 0;
    const after: Clock['after'] = (ms, ring) => {
      const wait = { at: now + ms, ring };
      waits.add(wait);
      return () => void waits.delete(wait);
    };
    const moveOn = (ms: number): void => {
      now += ms;
      for (const wait of waits) if (wait.at <= now && waits.delete(wait)) wait.ring();
    };
    return { after, moveOn };
  }

  it('of what is there for it is cut off after its time, and lets go of the source', async () => {
    const clock = makeClock();
    const { response, state, reader } = serve(async function* () {
      yield [delta('a')];
      yield [delta('b')];
      yield [delta('c')];
    }, clock);
    const stream = response.body?.getReader();
    await stream?.read();
    await new Promise(setImmediate);
    clock.moveOn(maxStallMs - 1);
    expect(reader.signal.aborted).toBe(false);
    clock.moveOn(1);
    await expect(stream?.read()).rejects.toThrow(`the client read nothing for ${maxStallMs} ms`);
    expect(reader.signal.aborted).toBe(true);
    await expect.poll(() => state.closed).toBe(true);
    expect(state.told).toEqual([]);
  });

  it('because there is nothing is waited for, and hears that it is not forgotten', async () => {
    const clock = makeClock();
    const { response, reader } = serve(async function* () {
      await new Promise(() => {});
      yield [];
    }, clock);
    const stream = response.body?.getReader();
    for (let time = 0; time < 10; time += 1) {
      const next = stream?.read();
      await new Promise(setImmediate);
      clock.moveOn(15_000);
      expect(new TextDecoder().decode((await next)?.value)).toBe(': keep-alive\n\n');
    }
    expect(reader.signal.aborted).toBe(false);
  });
});
