// Would catch: a frame that the other side cannot read, or an end that is taken for another end.
import { describe, expect, it } from 'vitest';
import { HelixError, StreamDropError } from '../errors/helix-error.ts';
import type { StreamChunk } from '../session/chunk.ts';
import type { RunRecord } from '../session/run.ts';
import { runTerminal } from './run-terminal.ts';
import {
  classifyStreamTerminal,
  decodeStreamFrame,
  encodeStreamFrame,
  failFrame,
  streamFrameToSSE,
  truncatedFrame,
  type StreamFrame,
} from './stream-frame.ts';

const chunk: StreamChunk = {
  agentId: 's',
  agentType: 'a',
  timestamp: 1,
  runId: 'r',
  step: 1,
  attempt: 1,
  type: 'text_delta',
  delta: 'two\nlines \u2028 and \u0000',
};
const detail = new HelixError('provider_overloaded', 'secret host is busy').toDetail();

const frames: [StreamFrame, ReturnType<typeof classifyStreamTerminal>][] = [
  [{ type: 'chunk', sequence: 7, chunk }, null],
  [{ type: 'rewound', sequence: 9, toSequence: 7 }, null],
  [{ type: 'caught-up', sequence: 0 }, null],
  [{ type: 'end', status: 'completed', output: { answer: [1] } }, 'completed'],
  [{ type: 'end', status: 'interrupted' }, 'interrupted'],
  [{ type: 'end', status: 'paused' }, 'paused'],
  [failFrame(detail, false), 'failed'],
  [failFrame(detail, true), 'reattach'],
  [truncatedFrame(12), 'resync'],
];

describe('a frame', () => {
  it.each(frames)('is read as it was written: %j', (frame) => {
    expect(decodeStreamFrame(encodeStreamFrame(frame))).toEqual(frame);
  });

  it.each(frames)('ends what it ends: %j', (frame, terminal) => {
    expect(classifyStreamTerminal(frame)).toBe(terminal);
  });

  it('is an event of one data line, with its sequence as the id', () => {
    const event = streamFrameToSSE({ type: 'chunk', sequence: 7, chunk });
    expect(event).toBe(`event: chunk\nid: 7\ndata: ${JSON.stringify({ sequence: 7, chunk })}\n\n`);
    expect(streamFrameToSSE({ type: 'end', status: 'paused' })).toBe('event: end\ndata: {"status":"paused"}\n\n');
  });

  it('that fails shows users the text of its code, not the message', () => {
    const frame = failFrame(detail, true);
    expect(frame).toMatchObject({ error: 'The model is busy. Please try again shortly.' });
  });

  it.each([
    ['chunk', '{"sequence":1}'],
    ['chunk', '{"sequence":-1,"chunk":{}}'],
    ['end', '{"status":"done"}'],
    ['end', '{"status":'],
    ['fail', '{"error":"x","recoverable":true}'],
    ['truncated', '{}'],
    ['rewound', 'null'],
  ])('that is damaged is a drop, not an end: %s %s', (event, data) => {
    expect(() => decodeStreamFrame({ event, data })).toThrow(StreamDropError);
  });

  it.each(['ping', 'message', 'constructor', '__proto__'])('of an unknown event is passed over: %s', (event) => {
    expect(decodeStreamFrame({ event, data: '{}' })).toBeNull();
  });
});

describe('runTerminal', () => {
  const run = (phase: RunRecord['phase']): RunRecord => ({
    v: 1,
    runId: 'r',
    turn: 1,
    entry: 'execute',
    key: null,
    startedAt: 1,
    startSequence: 0,
    stepCount: 0,
    takeovers: 0,
    phase,
  });
  const ended = { at: 'ended', reason: 'reply', endedAt: 2 } as const;

  it.each<[RunRecord['phase'], StreamFrame | null]>([
    [{ at: 'queued' }, null],
    [{ at: 'running', holderId: 'h' }, null],
    [{ at: 'parked', on: [] }, null],
    [
      { at: 'parked', on: ['w'] },
      { type: 'end', status: 'paused' },
    ],
    [
      { ...ended, outcome: 'completed' },
      { type: 'end', status: 'completed' },
    ],
    [
      { ...ended, outcome: 'completed', output: 'done' },
      { type: 'end', status: 'completed', output: 'done' },
    ],
    [
      { ...ended, outcome: 'interrupted' },
      { type: 'end', status: 'interrupted' },
    ],
    [{ ...ended, outcome: 'failed', error: detail }, failFrame(detail, false)],
  ])('of %j is %j', (phase, frame) => {
    expect(runTerminal(run(phase))).toEqual(frame);
  });

  it.each([
    ['aborted', 'framework_cancelled'],
    ['failed', 'framework_internal'],
  ] as const)('of a run that %s without an error is a failure with a code', (outcome, code) => {
    expect(runTerminal(run({ ...ended, outcome }))).toMatchObject({
      type: 'fail',
      errorDetail: { code },
      recoverable: false,
    });
  });
});
