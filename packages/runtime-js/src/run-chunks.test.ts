// Would catch: a reader that gets a chunk twice or never because it asks early, or that is not told of a gap, or gets nothing because
// another one read it all.
import { HelixError, type StreamChunk, type StreamFrame } from '@helix-agents/core';
import { FakeClock } from '@helix-agents/core/testing';
import { expect, it } from 'vitest';
import { Attendant } from './attendant.ts';
import { RunChunks } from './run-chunks.ts';

const origin = () => ({ agentId: 's', agentType: 'a', timestamp: 5, runId: 'r', step: 0, attempt: 1 });
const said = (sequence: number): StreamFrame => ({
  type: 'chunk',
  sequence,
  chunk: { ...origin(), type: 'text_delta', delta: String(sequence) },
});
const detail = new HelixError('stream_truncated', 'gone').toDetail();
const end: StreamFrame = { type: 'end', status: 'completed' };

function over(...batches: readonly (readonly StreamFrame[])[]) {
  const told = { ended: false };
  async function* frames() {
    try {
      for (const batch of batches) yield await Promise.resolve(batch);
    } finally {
      told.ended = true;
    }
  }
  return { chunks: new RunChunks(frames(), origin, new Attendant(new FakeClock(), async () => {})), told };
}

const nameOf = (chunk: StreamChunk) => (chunk.type === 'text_delta' ? chunk.delta : chunk.type);

async function read(chunks: AsyncIterable<StreamChunk>): Promise<string[]> {
  const names: string[] = [];
  for await (const chunk of chunks) names.push(nameOf(chunk));
  return names;
}

it('tells chunks and withdrawals, and leaves out what is neither', async () => {
  const { chunks } = over(
    [said(1), { type: 'caught-up', sequence: 1 }],
    [{ type: 'caught-up', sequence: 1 }],
    [{ type: 'rewound', sequence: 2, toSequence: 0 }, said(3)],
    [end],
  );
  expect(await read(chunks)).toEqual(['1', 'rewound', '3']);
  expect(await chunks.next()).toEqual({ done: true, value: undefined });
});

it('answers those who ask at once in order, each chunk once', async () => {
  const { chunks } = over([said(1), said(2), said(3)], [said(4)], [said(5), end]);
  const answers = await Promise.all(Array.from({ length: 7 }, () => chunks.next()));
  expect(answers.map(({ value }) => value && nameOf(value))).toEqual(['1', '2', '3', '4', '5', undefined, undefined]);
});

it('has done with the stream when its reader has', async () => {
  const { chunks, told } = over([said(1), said(2)], [said(3)]);
  for await (const chunk of chunks) if (nameOf(chunk) === '1') break;
  expect(told.ended).toBe(true);
  expect(await chunks.next()).toMatchObject({ done: true });
});

it.each<StreamFrame>([
  { type: 'truncated', floor: 3, errorDetail: detail },
  { type: 'fail', error: 'gone', errorDetail: detail, recoverable: true },
])('rejects where chunks are missing, after those before: $type', async (frame) => {
  const { chunks } = over([said(1), frame]);
  expect(await chunks.next()).toMatchObject({ done: false });
  await expect(chunks.next()).rejects.toMatchObject({ code: 'stream_truncated' });
  expect(await chunks.next()).toMatchObject({ done: true });
});

it.each<[string, (chunks: AsyncIterable<StreamChunk>) => Promise<unknown>]>([
  ['to its end', read],
  [
    'and left',
    async (chunks) => {
      for await (const chunk of chunks) if (nameOf(chunk) === '1') break;
    },
  ],
])('is read once: whoever goes over it again is told so, where it was read %s', async (_name, first) => {
  const { chunks } = over([said(1), said(2), end]);
  await first(chunks);
  await expect(read(chunks)).rejects.toMatchObject({
    code: 'input_invalid',
    message: expect.stringContaining('ask for another'),
  });
});
