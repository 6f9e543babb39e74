import { HelixError, StreamDropError, type ErrorDetail } from '../errors/helix-error.ts';
import { userMessageFor } from '../errors/user-message.ts';
import type { StreamChunk } from '../session/chunk.ts';
import type { UnusualStop } from '../session/run.ts';
import type { Json } from '../values/json.ts';

/** What a reader of a session's stream gets; version 2 of the wire, the same on every surface. */
export type StreamFrame =
  | { readonly type: 'chunk'; readonly sequence: number; readonly chunk: StreamChunk }
  /** What was read after `toSequence` is withdrawn: an attempt was superseded. */
  | { readonly type: 'rewound'; readonly sequence: number; readonly toSequence: number }
  /** History is over; what follows is live. */
  | { readonly type: 'caught-up'; readonly sequence: number }
  /** Terminal. `paused`: somebody must act first; `interrupted`: the run was stopped. `stopReason`: the output is not whole. */
  | {
      readonly type: 'end';
      readonly status: 'completed' | 'interrupted' | 'paused';
      readonly output?: Json;
      readonly stopReason?: UnusualStop;
    }
  /** Terminal. `error` may be shown to users. `recoverable`: read again after the last sequence. */
  | { readonly type: 'fail'; readonly error: string; readonly errorDetail: ErrorDetail; readonly recoverable: boolean }
  /** Terminal. The cursor is older than what is kept: take a snapshot and go on from its sequence. */
  | { readonly type: 'truncated'; readonly floor: number; readonly errorDetail: ErrorDetail };

/** A frame on the wire. `id` is the cursor to read on after, where the frame moves it. */
export interface EncodedFrame {
  readonly event: StreamFrame['type'];
  readonly id?: string;
  readonly data: string;
}

/** What a client does once it has read a terminal frame. */
export type StreamTerminal = 'completed' | 'interrupted' | 'paused' | 'failed' | 'reattach' | 'resync';

/** The frame for any wire that has events: its type, its cursor and its data as JSON. */
export function encodeStreamFrame(frame: StreamFrame): EncodedFrame {
  const { type: event, ...data } = frame;
  const id = 'sequence' in frame ? { id: String(frame.sequence) } : {};
  return { event, ...id, data: JSON.stringify(data) };
}

/**
 * The frame of a wire event; null for an event that this release does not know. Only the envelope is checked: what a chunk
 * carries passes unread.
 *
 * @throws StreamDropError for an envelope that is damaged: read again after the last sequence
 */
export function decodeStreamFrame({
  event,
  data,
}: {
  readonly event: string;
  readonly data: string;
}): StreamFrame | null {
  const isEnvelope = envelopes[event as StreamFrame['type']];
  if (!Object.hasOwn(envelopes, event)) return null;
  const envelope = parse(data);
  if (envelope && isEnvelope(envelope)) return { ...envelope, type: event } as unknown as StreamFrame;
  throw new StreamDropError(`the stream sent a damaged ${event} frame`);
}

/** The frame as an event of `text/event-stream`. */
export function streamFrameToSSE(frame: StreamFrame): string {
  const { event, id, data } = encodeStreamFrame(frame);
  // JSON has no raw line break, so one data line is enough.
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

/** What the frame ends, or null where the stream goes on. A body that stops without a terminal frame was dropped. */
export function classifyStreamTerminal(frame: StreamFrame): StreamTerminal | null {
  if (frame.type === 'end') return frame.status;
  if (frame.type === 'fail') return frame.recoverable ? 'reattach' : 'failed';
  return frame.type === 'truncated' ? 'resync' : null;
}

/** The frame that ends a stream with an error; users see only the text that belongs to its code. */
export function failFrame(errorDetail: ErrorDetail, recoverable: boolean): StreamFrame {
  return { type: 'fail', error: userMessageFor(errorDetail.code), errorDetail, recoverable };
}

export function truncatedFrame(floor: number): StreamFrame {
  const error = new HelixError('stream_truncated', `the stream is kept only after sequence ${floor}`, {
    details: { floor },
  });
  return { type: 'truncated', floor, errorDetail: error.toDetail() };
}

type Envelope = Readonly<Record<string, unknown>>;

const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isObject = (value: unknown): value is Envelope => typeof value === 'object' && value !== null;

const envelopes: { readonly [Type in StreamFrame['type']]: (data: Envelope) => boolean } = {
  chunk: ({ sequence, chunk }) => isCount(sequence) && isObject(chunk),
  rewound: ({ sequence, toSequence }) => isCount(sequence) && isCount(toSequence),
  'caught-up': ({ sequence }) => isCount(sequence),
  end: ({ status }) => ['completed', 'interrupted', 'paused'].includes(String(status)),
  fail: ({ error, errorDetail, recoverable }) =>
    typeof error === 'string' && isObject(errorDetail) && typeof recoverable === 'boolean',
  truncated: ({ floor, errorDetail }) => isCount(floor) && isObject(errorDetail),
};

function parse(data: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
