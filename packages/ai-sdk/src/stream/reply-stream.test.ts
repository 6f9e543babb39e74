// Would catch: a recovery in the middle of a step that leaves the first owner's results on the page, or tears out the reply that
// the record has.
import {
  finishToolName,
  HelixError,
  maxNesting,
  type ChunkBody,
  type Json,
  type StreamFrame,
  type StreamChunk,
} from '@helix-agents/core';
import { readUIMessageStream, type UIMessageChunk } from 'ai';
import { describe, expect, it } from 'vitest';
import type { HelixUIMessage } from '../messages/helix-ui-message.ts';
import type { RecordedStep } from './live-step.ts';
import { ReplyStream } from './reply-stream.ts';

const place = { runId: 'r1', step: 1 };
const chunk = (sequence: number, body: ChunkBody, step = 1): StreamFrame => ({
  type: 'chunk',
  sequence,
  chunk: { agentId: 's', agentType: 'a', timestamp: 0, runId: 'r1', step, attempt: 1, ...body } as StreamChunk,
});
const rewound = (sequence: number, toSequence: number): StreamFrame => ({ type: 'rewound', sequence, toSequence });
const ended = (toolCallId: string, value: string): ChunkBody => ({
  type: 'tool_end',
  toolCallId,
  toolName: 'look',
  outcome: { type: 'result', value },
});

async function shown(recorded: RecordedStep | null, frames: readonly StreamFrame[]): Promise<unknown[]> {
  const reply = new ReplyStream('m');
  const begin: UIMessageChunk[] = [{ type: 'start', messageId: 'm' }];
  if (recorded) begin.push(...reply.tell(recorded));
  return partsOf([...begin, ...frames.flatMap((frame) => reply.take(frame))]);
}

/** What a client makes of it. */
async function partsOf(chunks: readonly UIMessageChunk[]): Promise<unknown[]> {
  const stream = new ReadableStream<UIMessageChunk>({
    start: (controller) => {
      chunks.forEach((one) => controller.enqueue(one));
      controller.close();
    },
  });
  let last: HelixUIMessage | undefined;
  for await (const message of readUIMessageStream<HelixUIMessage>({ stream, terminateOnError: true })) last = message;
  return JSON.parse(JSON.stringify(last?.parts ?? [])) as unknown[];
}

const recorded: RecordedStep = {
  place,
  isOver: false,
  wasCut: false,
  chunks: [
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Looking.' },
    { type: 'text-end', id: 't' },
    { type: 'tool-input-available', toolCallId: 'c1', toolName: 'look', input: {} },
    { type: 'tool-input-available', toolCallId: 'c2', toolName: 'look', input: {} },
  ],
};

describe('a stream that begins within a step', () => {
  it('does not begin a step again that lies behind: a former owner left words of it, and they are still to be taken back', async () => {
    const over: RecordedStep = { ...recorded, isOver: true };
    const reply = new ReplyStream('m');
    const chunks: UIMessageChunk[] = [{ type: 'start', messageId: 'm' }];
    for (const step of [1, 2]) chunks.push(...reply.tell({ ...over, place: { runId: 'r1', step } }));
    const left: ChunkBody = { type: 'text_delta', delta: 'left' };
    const end: StreamFrame = { type: 'end', status: 'completed' };
    for (const frame of [chunk(6, left, 1), rewound(7, 5), end]) chunks.push(...reply.take(frame));
    const parts = (await partsOf(chunks)) as { type: string; text?: string }[];
    expect(parts.filter(({ type }) => type === 'step-start')).toHaveLength(2);
    expect(parts.flatMap(({ text }) => text ?? [])).toEqual(['Looking.', 'Looking.']);
  });

  it('does not take the end of its step, told once more, for that of a next one', async () => {
    const over: RecordedStep = { ...recorded, isOver: true };
    const reply = new ReplyStream('m');
    const chunks: UIMessageChunk[] = [{ type: 'start', messageId: 'm' }, ...reply.tell(over)];
    for (const frame of [chunk(6, { type: 'step_end' }), rewound(7, 5)]) chunks.push(...reply.take(frame));
    chunks.push(...reply.tell(over), ...reply.take({ type: 'end', status: 'completed' }));
    const parts = (await partsOf(chunks)) as { type: string }[];
    expect(parts.filter(({ type }) => type === 'step-start')).toHaveLength(1);
  });

  it('does not take the end of a step that lies behind for that of its own, which is lost', async () => {
    const lost: ChunkBody = { type: 'text_delta', delta: 'lost' };
    const frames = [chunk(6, lost, 2), chunk(7, { type: 'step_end' }, 1), { type: 'end', status: 'paused' } as const];
    const parts = await shown({ ...recorded, isOver: true }, frames);
    expect(JSON.stringify(parts)).not.toContain('lost');
  });

  it('withdraws results of an owner that died, and keeps what the record has', async () => {
    const frames = [chunk(6, ended('c1', 'first')), rewound(7, 5), chunk(8, ended('c2', 'second'), 0)];
    expect(await shown(recorded, frames)).toMatchObject([
      { type: 'step-start' },
      { type: 'text', text: 'Looking.' },
      { toolCallId: 'c1', state: 'input-available' },
      { toolCallId: 'c2', state: 'output-available', output: 'second' },
    ]);
  });

  it('keeps results that came before the withdrawn ones', async () => {
    const frames = [chunk(6, ended('c1', 'first')), chunk(7, ended('c2', 'lost')), rewound(8, 6)];
    expect(await shown(recorded, frames)).toMatchObject([
      {},
      {},
      { toolCallId: 'c1', output: 'first' },
      { toolCallId: 'c2', state: 'input-available' },
    ]);
  });

  it('opens the next step for the next reply', async () => {
    const frames = [chunk(6, ended('c1', 'first')), chunk(7, { type: 'text_delta', delta: 'So' }, 2)];
    expect((await shown(recorded, frames)).slice(-2)).toMatchObject([{ type: 'step-start' }, { text: 'So' }]);
  });
});

it('lets go of a call that was not complete when a stop came amid the calls beside it', async () => {
  const frames = [
    chunk(1, { type: 'tool_input_start', toolCallId: 'c1', toolName: 'look' }),
    chunk(2, { type: 'tool_input_start', toolCallId: 'c2', toolName: 'look' }),
    chunk(3, { type: 'tool_start', toolCallId: 'c2', toolName: 'look', arguments: {} }),
    { type: 'end', status: 'interrupted', runId: 'r1' } as StreamFrame,
  ];
  expect(await shown(null, frames)).toMatchObject([
    { type: 'step-start' },
    { toolCallId: 'c2', state: 'input-available' },
    { type: 'step-start' },
  ]);
});

describe('thoughts', () => {
  const thinks = (sequence: number, content: string, isComplete: boolean) =>
    chunk(sequence, { type: 'thinking', content, isComplete });

  it('that follow each other are as many as the model had, also where one was taken back', async () => {
    const frames = [thinks(1, 'Fir', false), thinks(2, 'st.', true), thinks(3, 'Second.', true)];
    const two = [{ type: 'step-start' }, { type: 'reasoning', text: 'First.' }, { type: 'reasoning', text: 'Second.' }];
    expect(await shown(null, frames)).toMatchObject(two);
    expect(await shown(null, [...frames, rewound(4, 2), thinks(5, 'Second.', true)])).toMatchObject(two);
  });

  it('and texts of no words are not shown', async () => {
    const empty = [chunk(1, { type: 'text_delta', delta: '' }), thinks(2, '', true)];
    expect(await shown(null, [...empty, chunk(3, { type: 'text_delta', delta: 'So' })])).toMatchObject([
      { type: 'step-start' },
      { type: 'text', text: 'So' },
    ]);
  });
});

describe('a text around a call', () => {
  const delta = (sequence: number, text: string) => chunk(sequence, { type: 'text_delta', delta: text });
  const begins = (toolName: string) => chunk(2, { type: 'tool_input_start', toolCallId: 'c1', toolName });

  it('is two where the user sees the call, and one around the finish of the agent, as in the history', async () => {
    expect(await shown(null, [delta(1, 'A'), begins('look'), delta(3, 'B')])).toMatchObject([
      { type: 'step-start' },
      { text: 'A' },
      { type: 'tool-look' },
      { text: 'B' },
    ]);
    expect(await shown(null, [delta(1, 'A'), begins(finishToolName), delta(3, 'B')])).toMatchObject([
      { type: 'step-start' },
      { text: 'AB' },
    ]);
  });
});

describe('a source', () => {
  const delta = (sequence: number, text: string) => chunk(sequence, { type: 'text_delta', delta: text });
  const named = (sequence: number) =>
    chunk(sequence, {
      type: 'source',
      source: { type: 'source', sourceType: 'url', sourceId: 's', url: 'https://a.test/' },
    });
  const shownSource = { type: 'source-url', sourceId: 's', url: 'https://a.test/' };

  it('in the middle of a word tears it nowhere', async () => {
    expect(await shown(null, [delta(1, 'It ra'), named(2), delta(3, 'ins.')])).toMatchObject([
      { type: 'step-start' },
      { type: 'text', text: 'It rains.' },
      shownSource,
    ]);
  });

  it('may be the first of its step, and goes with what is withdrawn', async () => {
    expect(await shown(null, [named(1), rewound(2, 0), named(3), delta(4, 'So.')])).toMatchObject([
      { type: 'step-start' },
      shownSource,
      { type: 'text', text: 'So.' },
    ]);
  });
});

describe('a withdrawal', () => {
  const delta = (sequence: number, text: string) => chunk(sequence, { type: 'text_delta', delta: text });

  it('in the middle of a text keeps its beginning open', async () => {
    const frames = [delta(1, 'Hello '), delta(2, 'wrold'), rewound(3, 1), delta(4, 'world')];
    expect(await shown(null, frames)).toMatchObject([{ type: 'step-start' }, { type: 'text', text: 'Hello world' }]);
  });

  it('in the middle of a file leaves nothing of its beginning in the one that comes', async () => {
    const file = (sequence: number, url: string, isComplete: boolean) =>
      chunk(sequence, { type: 'file', mediaType: 'text/plain', url, isComplete });
    const frames = [file(1, 'data:,lost', false), rewound(2, 0), file(3, 'data:,', false), file(4, 'whole', true)];
    expect((await shown(null, frames)).at(-1)).toMatchObject({ type: 'file', url: 'data:,whole' });
  });

  it('of nothing that was shown changes nothing', () => {
    const reply = new ReplyStream('m');
    reply.take(delta(1, 'Hello'));
    reply.take(chunk(2, { type: 'custom', eventName: 'progress', data: 1 }));
    expect(reply.take(rewound(3, 1))).toEqual([]);
  });
});

describe('the record, told again where the stream has a gap', () => {
  const delta = (sequence: number, text: string, step: number) =>
    chunk(sequence, { type: 'text_delta', delta: text }, step);
  const stepOf = (step: number, text: string): RecordedStep => ({
    place: { runId: 'r1', step },
    isOver: true,
    wasCut: false,
    chunks: [
      { type: 'text-start', id: `t${step}` },
      { type: 'text-delta', id: `t${step}`, delta: text },
      { type: 'text-end', id: `t${step}` },
    ],
  });
  const told = async (
    before: readonly StreamFrame[],
    again: readonly RecordedStep[],
    after: readonly StreamFrame[],
  ) => {
    const reply = new ReplyStream('m');
    const chunks = before.flatMap((frame) => reply.take(frame));
    chunks.push(...again.flatMap((step) => reply.tell(step)), ...reply.endOfRecord());
    chunks.push(...after.flatMap((frame) => reply.take(frame)));
    const parts = (await partsOf([{ type: 'start', messageId: 'm' }, ...chunks])) as { type: string; text?: string }[];
    return parts.map(({ type, text }) => text ?? type);
  };

  it('completes the step in which it lies, adds those behind it, and repeats none that was told', async () => {
    const before = [delta(1, 'One.', 1), chunk(2, { type: 'step_end' }, 1), delta(3, 'Tw', 2)];
    const again = [stepOf(1, 'One.'), stepOf(2, 'Two.'), stepOf(3, 'Three.')];
    expect(await told(before, again, [delta(9, 'Four.', 4)])).toEqual(
      ['One.', 'Two.', 'Three.', 'Four.'].flatMap((text) => ['step-start', text]),
    );
  });

  it('goes on in the step that it told last', async () => {
    const open = { ...recorded, chunks: recorded.chunks.slice(0, 4) };
    const parts = await told([chunk(1, { type: 'text_delta', delta: 'Loo' })], [open], [chunk(5, ended('c1', 'one'))]);
    expect(parts).toEqual(['step-start', 'Looking.', 'tool-look']);
  });

  it('takes back what it does not have, and goes on in its place', async () => {
    expect(await told([delta(1, 'An attempt', 2)], [], [])).toEqual(['step-start']);
    expect(await told([delta(1, 'An attempt', 1)], [stepOf(2, 'Two.')], [])).toEqual(['step-start', 'Two.']);
    expect(await told([delta(1, 'An attempt', 1)], [], [delta(9, 'Two.', 2)])).toEqual(['step-start', 'Two.']);
  });

  it('tells the custom state whole, where its changes are sent', () => {
    expect(new ReplyStream('m').tellState({ a: 1 })).toEqual([]);
    expect(new ReplyStream('m', { sendStatePatches: true }).tellState({ a: 1 })).toMatchObject([
      { data: { operations: [{ op: 'replace', path: '', value: { a: 1 } }] }, transient: true },
    ]);
  });
});

describe('what is not part of the reply', () => {
  it('is sent and not kept: custom events always, changes of the state on request', () => {
    const patch = chunk(2, { type: 'state_patch', operations: [] });
    const event = chunk(1, { type: 'custom', eventName: 'progress', data: { done: 3 } });
    expect(new ReplyStream('m').take(event)).toEqual([{ type: 'data-progress', data: { done: 3 }, transient: true }]);
    expect(new ReplyStream('m').take(patch)).toEqual([]);
    expect(new ReplyStream('m', { sendStatePatches: true }).take(patch)).toMatchObject([{ transient: true }]);
  });

  it('is sent whole, as deep as a state may be', () => {
    const value = JSON.parse('['.repeat(maxNesting) + ']'.repeat(maxNesting)) as Json;
    const operations = [{ op: 'add', path: '/tree', value } as const, { op: 'remove', path: '/old' } as const];
    const reply = new ReplyStream('m', { sendStatePatches: true });
    const [sent] = reply.take(chunk(1, { type: 'state_patch', operations }));
    expect(sent).toHaveProperty('data', { operations });
  });
});

it('a call whose end is told again, as it did not fit beside others, stands on the page as told last', async () => {
  const error = new HelixError('tool_output_invalid', 'too much').toDetail();
  const failed: ChunkBody = { type: 'tool_end', toolCallId: 'c1', toolName: 'look', outcome: { type: 'error', error } };
  const once = await shown(recorded, [chunk(1, failed)]);
  expect(await shown(recorded, [chunk(1, ended('c1', 'one')), chunk(2, failed)])).toEqual(once);
});
