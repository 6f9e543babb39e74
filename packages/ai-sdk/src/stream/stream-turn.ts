import {
  followSession,
  type Clock,
  type MessageRecord,
  type SessionSnapshot,
  type SessionStateStore,
  type StreamManager,
} from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';
import { replyIdOf } from '../messages/helix-ui-message.ts';
import { lastRunOfTurn } from '../messages/last-run.ts';
import { readTurns } from '../messages/read-turns.ts';
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
 * so a client may know any part of the reply, or none.
 */
export async function* streamTurn(request: TurnStreamRequest): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  const told = await findTurn(request);
  const messageId = replyIdOf(told.records[0]?.id ?? '');
  const { chunks, recorded } = tellRecorded(told);
  yield [{ type: 'start', messageId }, ...chunks];
  yield* follow(request, told, new ReplyStream(messageId, recorded, request));
}

/** A turn as the record has it. */
interface ToldTurn {
  readonly records: readonly MessageRecord[];
  /** Position of the stream for which they stand. */
  readonly after: number;
  readonly runId?: string;
}

async function findTurn({ stateStore, session, turn }: TurnStreamRequest): Promise<ToldTurn> {
  const { sessionId, messageCount, streamSequence: after, run } = session;
  const last = await lastTurn(stateStore, sessionId, messageCount);
  if (!turn || isOf(last, turn.messageId)) return { records: last, after, ...(run && { runId: run.runId }) };
  // Others went on meanwhile: the turn is over.
  const end = await lastRunOfTurn(stateStore, session, turn.runId);
  const runId = end?.run.runId ?? turn.runId;
  let records = last;
  while (records[0] && !isOf(records, turn.messageId))
    records = await lastTurn(stateStore, sessionId, records[0].seq - 1);
  return { records, after: end?.next?.startSequence ?? after, runId };
}

async function lastTurn(store: SessionStateStore, sessionId: string, upTo: number): Promise<readonly MessageRecord[]> {
  return (await readTurns(store, { sessionId, upTo, atLeast: 1 })).at(-1) ?? [];
}

function isOf(turn: readonly MessageRecord[], messageId: string): boolean {
  return turn.some(({ id }) => id === messageId);
}

async function* follow(
  { stateStore, streamManager, clock, session: { sessionId }, abortSignal }: TurnStreamRequest,
  { after, runId }: ToldTurn,
  reply: ReplyStream,
): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  const from = { stateStore, streamManager, clock, sessionId, after, abortSignal };
  for await (const batch of followSession({ ...from, ...(runId !== undefined && { runId }) })) {
    const chunks = batch.flatMap((frame) => reply.take(frame));
    if (chunks.length > 0) yield chunks;
  }
}

/** The reply as far as the record has it, and the step in which the stream goes on. */
function tellRecorded({ records, runId }: ToldTurn): {
  readonly chunks: UIMessageChunk[];
  readonly recorded: RecordedStep | null;
} {
  const parts = replyOf(records)?.parts ?? [];
  const told = parts.map(partChunks);
  const lastStep = parts.findLastIndex(({ type }) => type === 'step-start');
  const last = records.findLast(({ role }) => role === 'assistant');
  return {
    chunks: told.flat(),
    recorded: last
      ? {
          place: { runId: last.runId, step: last.step ?? 0 },
          chunks: told.slice(lastStep + 1).flat(),
          isOver: isAnswered(last, records),
          wasCut: wasCut(records, runId),
        }
      : null,
  };
}

/** Results are written when the step of their calls ends. */
function isAnswered({ parts }: MessageRecord, turn: readonly MessageRecord[]): boolean {
  const outcomes = outcomesOf(turn);
  return parts.every((part) => part.type !== 'tool-call' || outcomes.has(part.toolCallId));
}
