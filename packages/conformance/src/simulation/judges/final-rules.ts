import type { InMemoryStreamManager } from '@helix-agents/store-memory';
import {
  streamIdOf,
  type MessageRecord,
  type SessionSnapshot,
  type SessionStateStore,
  type StoredChunk,
} from '@helix-agents/core';
import type { Tally } from '../processes/make-agent.ts';
import { shapeOf } from '../processes/tool-shapes.ts';
import type { EffectRules } from './effect-rules.ts';
import type { RecordRules } from './record-rules.ts';
import type { Judge } from './violation.ts';

/** A world that came to its end. */
export interface Ended {
  readonly judge: Judge;
  readonly record: RecordRules;
  readonly effects: EffectRules;
  readonly store: SessionStateStore;
  readonly streams: InMemoryStreamManager;
  readonly stream: 'whole' | 'short' | 'out of reach';
  readonly formerStreams: readonly string[];
  readonly mustLeaveNoStream: boolean;
  /** Tells who replays this world. */
  say(line: () => string): void;
}

/** Judges what is left at the end: what the store keeps, the custom state, the stream, and the effects that happened. */
export async function finalRules(world: Ended, sessionId: string): Promise<void> {
  const { judge, record, store, streams } = world;
  const [kept, messages, runs] = await Promise.all([
    store.load(sessionId),
    store.messagesAfter(sessionId, 0),
    store.listRuns(sessionId),
  ]);
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  judge.expect(
    'S2',
    same(kept, record.session),
    () => `the store says ${JSON.stringify(kept)}, its commits say ${JSON.stringify(record.session)}`,
  );
  judge.expect('S2', same(messages, record.messages), 'the transcript is not what was committed');
  judge.expect(
    'S9',
    runs.every(({ phase }) => phase.at === 'ended'),
    'a former run has no end',
  );
  const keys = runs.flatMap(({ key }) => key ?? []);
  judge.expect('S8', new Set(keys).size === keys.length, () => `a message made two turns: ${keys.join()}`);
  for (const streamId of world.formerStreams) judgeDeleted(world, (await streams.read(streamId, 0)).chunks);
  if (!kept) return;
  judgeState(world, messages);
  judgeEffects(world, messages);
  const { chunks } = await streams.read(streamIdOf(kept), 0, 100_000);
  for (const { sequence, chunk } of chunks) world.say(() => `  stream ${sequence}: ${JSON.stringify(chunk)}`);
  judgeStream(world, messages, { chunks, kept });
}

/** Of a session that was deleted, and its stream with it, nothing is left, whatever its owner was about to write. */
function judgeDeleted({ judge, mustLeaveNoStream }: Ended, chunks: readonly StoredChunk[]): void {
  judge.expect('S9', !mustLeaveNoStream || chunks.length === 0, () => `a deleted session left ${chunks.length} chunks`);
}

/** Each call that settled wrote once, each other one not at all. */
function judgeState({ judge, record }: Ended, messages: readonly MessageRecord[]): void {
  // Every agent of the simulation keeps such a state; a record knows it as JSON.
  const tally = record.session?.state as unknown as Tally;
  const wrote = resultsOf(messages).filter(
    ({ toolName, outcome }) => shapeOf(toolName)?.writes && outcome.type === 'result',
  );
  const ids = wrote.map(({ toolCallId }) => toolCallId);
  judge.expect(
    'S2',
    tally.sum === ids.length,
    () => `the state counts ${tally.sum} writes, the transcript ${ids.length}`,
  );
  const one = tally.log.toSorted().join();
  judge.expect(
    'S2',
    one === ids.toSorted().join(),
    () => `the state holds writes of ${one}, the transcript has ${ids.join()}`,
  );
}

/** What the model was told of a call is what happened. */
function judgeEffects({ judge, effects }: Ended, messages: readonly MessageRecord[]): void {
  for (const { toolCallId, toolName, outcome } of resultsOf(messages)) {
    const bodies = effects.bodiesOf(toolCallId);
    const shape = shapeOf(toolName);
    const hasBody = shape !== undefined && (shape.wait === undefined || shape.wait === 'approval');
    if (outcome.type === 'not-executed')
      judge.expect('S4', bodies === 0, () => `${toolCallId} is said not to be executed, but it was`);
    if (outcome.type === 'result' && hasBody)
      judge.expect('S4', bodies > 0, () => `${toolCallId} has a result, but no body ever ran`);
  }
}

interface Streamed {
  readonly chunks: readonly StoredChunk[];
  readonly kept: SessionSnapshot;
}

/** What a reader has at the end is what was said, but for what an owner took with it that died or lost its stream; and of that it is told. */
function judgeStream({ judge, stream }: Ended, messages: readonly MessageRecord[], { chunks, kept }: Streamed): void {
  const { streamSequence, streamSure = streamSequence } = kept;
  const visible: StoredChunk[] = [];
  const withdraw = (toSequence: number) => {
    while ((visible.at(-1)?.sequence ?? 0) > toSequence) visible.pop();
  };
  for (const stored of chunks) {
    if (stored.chunk.type === 'rewound') withdraw(stored.chunk.toSequence);
    else visible.push(stored);
  }
  withdraw(streamSure);
  const read = visible.flatMap(({ chunk }) => (chunk.type === 'text_delta' ? [chunk.delta] : []));
  const replies = messages.filter(({ role }) => role === 'assistant').flatMap(({ parts }) => parts);
  const said = replies.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const isMarked = visible.some(({ chunk }) => chunk.type === 'gap');
  const isTold = isMarked || streamSure < streamSequence || (chunks.at(-1)?.sequence ?? 0) < streamSequence;
  const mayLack = stream === 'short' && isTold;
  // What was to be taken back may not have reached the stream either.
  const mayDiffer = stream === 'out of reach' && isTold;
  const holds = mayDiffer || (mayLack ? isWithin(read, said) : read.join('') === said);
  judge.expect(
    'S10',
    holds,
    () => `readers have ${JSON.stringify(read.join(''))}, the transcript ${JSON.stringify(said)}`,
  );
  const ends = visible.flatMap(({ chunk }) => (chunk.type === 'tool_end' ? [chunk.toolCallId] : []));
  judge.expect(
    'S4',
    stream !== 'whole' || new Set(ends).size === ends.length,
    () => `readers see a call end twice: ${ends.join()}`,
  );
}

/** Whether all words stand in the text, in this order. */
function isWithin(words: readonly string[], text: string): boolean {
  let from = 0;
  return words.every((word) => {
    const at = text.indexOf(word, from);
    from = at + word.length;
    return at >= 0;
  });
}

function resultsOf(messages: readonly MessageRecord[]) {
  return messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-result' ? [part] : [])));
}
