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
import { readTurns } from '../messages/read-turns.ts';
import { replyOf } from '../messages/to-ui-messages.ts';
import { partChunks } from './part-chunks.ts';
import { ReplyStream, type RecordedStep, type ReplyStreamOptions } from './reply-stream.ts';

/** What the stream of a turn is read from. */
export interface TurnStreamRequest extends ReplyStreamOptions {
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  readonly clock: Clock;
  /** The session as it was read: its record is told first, then what the stream has after it. */
  readonly session: SessionSnapshot;
  readonly abortSignal: AbortSignal;
}

/**
 * The reply of the last turn from its beginning: what the record has, then what is streamed after the position for which the
 * record stands, until the run ends or waits. Told whole each time, because that is what `useChat` expects of a resumed stream;
 * so a client may know any part of the reply, or none.
 */
export async function* streamTurn(request: TurnStreamRequest): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  const { session, stateStore } = request;
  const { sessionId, messageCount: upTo } = session;
  const turn = (await readTurns(stateStore, { sessionId, upTo, atLeast: 1 })).at(-1) ?? [];
  const { begin, recorded } = tellRecorded(turn);
  yield begin;
  yield* follow(request, new ReplyStream(recorded, request));
}

async function* follow(
  { session, abortSignal, ...from }: TurnStreamRequest,
  reply: ReplyStream,
): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  const { sessionId, streamSequence: after, run } = session;
  const frames = followSession({ ...from, sessionId, after, abortSignal, ...(run && { runId: run.runId }) });
  for await (const batch of frames) {
    const chunks = batch.flatMap((frame) => reply.take(frame));
    if (chunks.length > 0) yield chunks;
  }
}

/** The reply as far as the record has it, and the step in which the stream goes on. */
function tellRecorded(turn: readonly MessageRecord[]): {
  readonly begin: UIMessageChunk[];
  readonly recorded: RecordedStep | null;
} {
  const parts = replyOf(turn)?.parts ?? [];
  const begin: UIMessageChunk[] = [{ type: 'start', messageId: replyIdOf(turn[0]?.id ?? '') }];
  const told = parts.map(partChunks);
  const lastStep = parts.findLastIndex(({ type }) => type === 'step-start');
  const last = turn.findLast(({ role }) => role === 'assistant');
  return {
    begin: [...begin, ...told.flat()],
    recorded: last
      ? { place: { runId: last.runId, step: last.step ?? 0 }, chunks: told.slice(lastStep + 1).flat() }
      : null,
  };
}
