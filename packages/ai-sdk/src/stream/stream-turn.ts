import {
  followSession,
  type Clock,
  type MessageRecord,
  type SessionSnapshot,
  type SessionStateStore,
  type StreamManager,
} from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';
import { findTurn, type Turn } from '../messages/find-turn.ts';
import { replyIdOf } from '../messages/helix-ui-message.ts';
import { lastRunOfTurn } from '../messages/last-run.ts';
import { outcomesOf, replyOf } from '../messages/to-ui-messages.ts';
import { wasCut } from '../messages/turn-marks.ts';
import { partChunks } from './part-chunks.ts';
import type { RecordedStep } from './live-step.ts';
import { ReplyStream, type ReplyStreamOptions } from './reply-stream.ts';

/** What the stream of a turn is read from. */
export interface TurnStreamRequest extends ReplyStreamOptions {
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  readonly clock: Clock;
  /** The session as it was read: its record is told first, then what the stream has after it. */
  readonly session: SessionSnapshot;
  /** The turn to tell, by its message and any run of it. Default: the last one. */
  readonly turn?: { readonly messageId: string; readonly runId: string };
  readonly abortSignal: AbortSignal;
}

/**
 * The reply of a turn from its beginning: what the record has, then what is streamed after the position for which the
 * record stands, until the run ends or waits. Told whole each time, because that is what `useChat` expects of a resumed stream;
 * so a client may know any part of the reply, or none. At most a step of it is held at once, however large the turn.
 */
export async function* streamTurn(request: TurnStreamRequest): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  const told = await findTold(request);
  const messageId = replyIdOf(told.turn?.said[0]?.id ?? '');
  yield [{ type: 'start', messageId }];
  const recorded = yield* tellRecord(told);
  yield* follow(request, told, new ReplyStream(messageId, recorded, request));
}

/** The turn that is told. */
interface Told {
  /** As far as the record has it; null where that has nothing. */
  readonly turn: Turn | null;
  /** Position of the stream for which the record stands. */
  readonly after: number;
  readonly runId?: string;
}

async function findTold({ stateStore, session, turn: asked }: TurnStreamRequest): Promise<Told> {
  const { sessionId, messageCount: upTo, streamSequence: after, run } = session;
  const last = await findTurn(stateStore, { sessionId, upTo });
  if (!asked || isOf(last, asked.messageId)) return { turn: last, after, ...(run && { runId: run.runId }) };
  // Others went on meanwhile: the turn is over.
  const end = await lastRunOfTurn(stateStore, session, asked.runId);
  const runId = end?.run.runId ?? asked.runId;
  let turn = last;
  while (turn && !isOf(turn, asked.messageId)) turn = await findTurn(stateStore, { sessionId, upTo: turn.after });
  return { turn, after: end?.next?.startSequence ?? after, runId };
}

function isOf(turn: Turn | null, messageId: string): boolean {
  return turn?.said.some(({ id }) => id === messageId) ?? false;
}

async function* follow(
  { stateStore, streamManager, clock, session: { sessionId }, abortSignal }: TurnStreamRequest,
  { after, runId }: Told,
  reply: ReplyStream,
): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  const from = { stateStore, streamManager, clock, sessionId, after, abortSignal };
  for await (const batch of followSession({ ...from, ...(runId !== undefined && { runId }) })) {
    const chunks = batch.flatMap((frame) => reply.take(frame));
    if (chunks.length > 0) yield chunks;
  }
}

/** The reply as far as the record has it, a step at a time; gives the step in which the stream goes on. */
async function* tellRecord({
  turn,
  runId,
}: Told): AsyncGenerator<readonly UIMessageChunk[], RecordedStep | null, void> {
  let recorded: RecordedStep | null = null;
  let count = 0;
  for await (const records of stepsOf(turn?.pages() ?? [])) {
    const from = count;
    const parts = replyOf(records)?.parts ?? [];
    const told = parts.map((part, index) => partChunks(part, from + index));
    count += parts.length;
    recorded = recordedStep(records, told, runId) ?? recorded;
    yield told.flat();
  }
  return recorded;
}

/** The records of each step: the model's reply, and what came before the next one. What comes before the first is by itself. */
async function* stepsOf(pages: ReturnType<Turn['pages']>): AsyncGenerator<readonly MessageRecord[], void, void> {
  let step: MessageRecord[] = [];
  for await (const page of pages) {
    for (const record of page) {
      if (record.role === 'assistant' && step.length > 0) {
        yield step;
        step = [];
      }
      step.push(record);
    }
  }
  yield step;
}

function recordedStep(
  records: readonly MessageRecord[],
  [begin, ...told]: readonly UIMessageChunk[][],
  runId: string | undefined,
): RecordedStep | null {
  const reply = records.find(({ role }) => role === 'assistant');
  if (!begin || !reply) return null;
  return {
    place: { runId: reply.runId, step: reply.step ?? 0 },
    chunks: told.flat(),
    isOver: isAnswered(reply, records),
    wasCut: wasCut(records, runId),
  };
}

/** Results are written when the step of their calls ends. */
function isAnswered({ parts }: MessageRecord, step: readonly MessageRecord[]): boolean {
  const outcomes = outcomesOf(step);
  return parts.every((part) => part.type !== 'tool-call' || outcomes.has(part.toolCallId));
}
