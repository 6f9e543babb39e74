import {
  followSession,
  type Clock,
  type MessageRecord,
  type SessionSnapshot,
  type SessionStateStore,
  type StreamFrame,
  type StreamManager,
} from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';
import { findTurn, type Turn } from '../messages/find-turn.ts';
import { replyIdOf } from '../messages/helix-ui-message.ts';
import { lastRunOfTurn } from '../messages/last-run.ts';
import type { Outcomes } from '../messages/reply-parts.ts';
import { openOutcomes, outcomesOf, replyOf } from '../messages/to-ui-messages.ts';
import { wasCut } from '../messages/turn-marks.ts';
import { partChunks } from './part-chunks.ts';
import type { RecordedStep } from './live-step.ts';
import { ReplyStream, type BreakingFrame, type ReplyStreamOptions } from './reply-stream.ts';

/** What the stream of a turn is read from. */
export interface TurnStreamRequest extends ReplyStreamOptions {
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  readonly clock: Clock;
  /** The session as it was read: its record is told first, then what the stream has after it. */
  readonly session: SessionSnapshot;
  /** The turn to tell, by its message and any run of it. Default: the last one. */
  readonly turn?: { readonly messageId: string; readonly runId: string } | undefined;
  readonly abortSignal: AbortSignal;
}

/**
 * The reply of a turn from its beginning: what the record has, then what is streamed after the position for which the
 * record stands, until the run ends or waits. Told whole each time, because that is what `useChat` expects of a resumed stream;
 * so a client may know any part of the reply, or none. At most a step of it is held at once, however large the turn. What the
 * stream lacks, because its writer died or because it was trimmed since, is told from the record, as soon as that stands for it.
 */
export async function* streamTurn(request: TurnStreamRequest): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  let told = await findTold(request, request);
  const messageId = replyIdOf(told.turn?.said[0]?.id ?? '');
  const reply = new ReplyStream(messageId, request);
  yield [{ type: 'start', messageId }, ...reply.tellState(request.session.state)];
  yield* tellRecord(told, reply);
  for (;;) {
    const session = yield* follow(request, told, reply);
    if (!session) return;
    told = await findTold(request, { session, turn: turnOf(told) ?? request.turn });
    yield reply.tellState(session.state);
    yield* tellRecord(told, reply);
  }
}

/** The turn that is told. */
interface Told {
  /** As far as the record has it; null where that has nothing. */
  readonly turn: Turn | null;
  /** What calls came to in the step that is open. */
  readonly open: Outcomes;
  /** Position of the stream for which the record stands. */
  readonly after: number;
  readonly runId?: string;
}

async function findTold(
  { stateStore }: TurnStreamRequest,
  { session, turn: asked }: Pick<TurnStreamRequest, 'session' | 'turn'>,
): Promise<Told> {
  const { sessionId, messageCount: upTo, streamSequence: after, run } = session;
  const open = openOutcomes(session);
  const last = await findTurn(stateStore, { sessionId, upTo });
  if (!asked || isOf(last, asked.messageId)) return { turn: last, open, after, ...(run && { runId: run.runId }) };
  // Others went on meanwhile: the turn is over.
  const end = await lastRunOfTurn(stateStore, session, asked.runId);
  const runId = end?.run.runId ?? asked.runId;
  let turn = last;
  while (turn && !isOf(turn, asked.messageId)) turn = await findTurn(stateStore, { sessionId, upTo: turn.after });
  return { turn, open, after: end?.next?.startSequence ?? after, runId };
}

/** The same turn, also where others go on meanwhile. */
function turnOf({ turn, runId }: Told): TurnStreamRequest['turn'] {
  const first = turn?.said[0];
  return first && runId !== undefined ? { messageId: first.id, runId } : undefined;
}

function isOf(turn: Turn | null, messageId: string): boolean {
  return turn?.said.some(({ id }) => id === messageId) ?? false;
}

/**
 * Until the end, or until the record stands behind a gap: gives the session as it is then. In the middle of a step that may take a
 * while. What comes behind the gap is held back so long: it would be put where it does not belong.
 */
async function* follow(
  { stateStore, streamManager, clock, session: { sessionId }, abortSignal }: TurnStreamRequest,
  { after, runId }: Told,
  reply: ReplyStream,
): AsyncGenerator<readonly UIMessageChunk[], SessionSnapshot | null, void> {
  const from = { stateStore, streamManager, clock, sessionId, after, abortSignal };
  let gap = Infinity;
  for await (const batch of followSession({ ...from, runId })) {
    const broken = batch.filter((frame): frame is BreakingFrame => reply.isBrokenBy(frame));
    gap = Math.min(gap, placeOf(broken.find(({ type }) => type === 'chunk')) ?? gap);
    const session = broken.length > 0 || gap < Infinity ? await stateStore.load(sessionId) : null;
    if (session && session.streamSequence >= Math.min(gap, placeOf(broken[0]) ?? gap)) return session;
    // A change of the state that was taken back: behind it, the state is that of the record.
    const state = (frame: StreamFrame) => (session && frame === broken[0] ? reply.tellState(session.state) : []);
    const frames = batch.filter((frame) => isBefore(frame, gap));
    const chunks = frames.flatMap((frame) => [...reply.take(frame), ...state(frame)]);
    if (chunks.length > 0) yield chunks;
  }
  return null;
}

/** Where the record must stand to tell what is lost there. */
function placeOf(frame: BreakingFrame | undefined): number | undefined {
  return frame?.type === 'truncated' ? frame.floor : frame?.sequence;
}

/** The end is told in any case: nothing comes behind it that could fill the gap. */
function isBefore(frame: StreamFrame, gap: number): boolean {
  return !('sequence' in frame) || frame.sequence < gap;
}

/** The reply as far as the record has it, a step at a time. */
async function* tellRecord(
  { turn, open, runId }: Told,
  reply: ReplyStream,
): AsyncGenerator<readonly UIMessageChunk[], void, void> {
  let count = 0;
  for await (const records of stepsOf(turn?.pages() ?? [])) {
    const from = count;
    const parts = replyOf(records, open)?.parts ?? [];
    const told = parts.map((part, index) => partChunks(part, from + index));
    count += parts.length;
    const step = recordedStep(records, told, runId);
    if (step) yield reply.tell(step);
  }
  yield reply.endOfRecord();
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
  [, ...told]: readonly UIMessageChunk[][],
  runId: string | undefined,
): RecordedStep | null {
  const reply = records.find(({ role }) => role === 'assistant');
  if (!reply) return null;
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
