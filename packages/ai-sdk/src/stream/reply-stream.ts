import { HelixError, type Json, type PatchOperation, type StreamChunk, type StreamFrame } from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';
import { typedErrorBody } from '../http/typed-error.ts';
import { pageData } from '../messages/page-data.ts';
import { markOfEnd } from '../messages/turn-marks.ts';
import { LiveStep, type RecordedStep, type StepPlace } from './live-step.ts';

/** What of a session's stream is shown beside the reply. */
export interface ReplyStreamOptions {
  /**
   * Sends the custom state, and then its changes, as transient `data-state-patch` parts: applied one after the other, they give the
   * state. The first replaces all of it. Default false: the state may not be for users.
   */
  readonly sendStatePatches?: boolean | undefined;
}

/** A frame behind which only the record tells what is so. */
export type BreakingFrame = Extract<StreamFrame, { type: 'chunk' | 'rewound' | 'truncated' }>;

/**
 * Makes chunks of one UI message: of what the record has, then of the frames of a run. Steps of the model become steps of the
 * message, so that what a superseded attempt streamed can be taken back by `reset-step`: a step is never withdrawn after a later
 * one began. The record may be told again, where frames were lost: what the client has not of it yet.
 */
export class ReplyStream {
  readonly #messageId: string;
  readonly #options: ReplyStreamOptions;
  #step: LiveStep | null = null;
  /** The steps that began. */
  readonly #begun = new Set<string>();
  /** Sequence of the last change of the state that was sent. */
  #patchedAt = 0;

  constructor(messageId: string, options: ReplyStreamOptions = {}) {
    this.#messageId = messageId;
    this.#options = options;
  }

  /** A step that the record has. */
  tell(step: RecordedStep): UIMessageChunk[] {
    const { place, chunks } = step;
    if (this.#step?.holds(place)) {
      this.#step = new LiveStep(place, step);
      return [{ type: 'reset-step' }, ...chunks];
    }
    if (this.#begun.has(nameOf(place))) return [];
    return [...this.endOfRecord(), ...this.#begin(place, step), ...chunks];
  }

  /** Behind it comes no step that is told: one that only the stream had is not in the record. */
  endOfRecord(): UIMessageChunk[] {
    return this.#step?.takeBack() ?? [];
  }

  /** The custom state as the record has it: a change that was sent cannot be taken back otherwise. */
  tellState(state: Json): UIMessageChunk[] {
    return this.#patch(0, [{ op: 'replace', path: '', value: state }]);
  }

  isBrokenBy(frame: StreamFrame): frame is BreakingFrame {
    if (frame.type === 'rewound') return this.#patchedAt > frame.toSequence;
    return frame.type === 'truncated' || (frame.type === 'chunk' && frame.chunk.type === 'gap');
  }

  take(frame: StreamFrame): UIMessageChunk[] {
    switch (frame.type) {
      case 'chunk':
        return this.#chunk(frame.sequence, frame.chunk);
      case 'rewound':
        return this.#step?.rewind(frame.toSequence) ?? [];
      case 'caught-up':
        return [];
      case 'end':
        return this.#end(frame);
      case 'fail':
        return this.#fail(frame);
      case 'truncated':
        return errorChunks(HelixError.fromDetail(frame.errorDetail));
    }
  }

  #chunk(sequence: number, chunk: StreamChunk): UIMessageChunk[] {
    if (chunk.type === 'custom')
      return [{ type: `data-${chunk.eventName}`, data: pageData(chunk.data), transient: true }];
    if (chunk.type === 'state_patch') return this.#patch(sequence, chunk.operations);
    if (chunk.type === 'gap' || this.#isPast(chunk)) return [];
    const before = this.#isOfNextStep(chunk) ? this.#next(chunk) : [];
    return [...before, ...(this.#step?.take({ sequence, chunk }) ?? [])];
  }

  /** Of a step behind which another began: what a former owner left there, and nobody has taken back yet. */
  #isPast(chunk: StreamChunk): boolean {
    return (begins.has(chunk.type) || ends(chunk)) && !this.#step?.holds(chunk) && this.#begun.has(nameOf(chunk));
  }

  #isOfNextStep(chunk: StreamChunk): boolean {
    if (this.#step?.holds(chunk)) return false;
    // A reply that says nothing has only an end.
    return begins.has(chunk.type) || (ends(chunk) && (this.#step?.isOver ?? true));
  }

  #next(chunk: StreamChunk): UIMessageChunk[] {
    const before = this.#step?.isVoid ? [] : this.#finishStep();
    return [...before, ...this.#begin({ runId: chunk.runId, step: chunk.step })];
  }

  /** One of which nothing is left gives its place. */
  #begin(place: StepPlace, recorded?: RecordedStep): UIMessageChunk[] {
    const takesPlace = this.#step?.isVoid ?? false;
    this.#step = new LiveStep(place, recorded);
    this.#begun.add(nameOf(place));
    return takesPlace ? [] : [{ type: 'start-step' }];
  }

  #patch(sequence: number, operations: readonly PatchOperation[]): UIMessageChunk[] {
    if (!this.#options.sendStatePatches) return [];
    this.#patchedAt = sequence;
    return [patchChunk(operations)];
  }

  #finishStep(): UIMessageChunk[] {
    return this.#step ? [...this.#step.finish(), { type: 'finish-step' }] : [];
  }

  #end(frame: Extract<StreamFrame, { type: 'end' }>): UIMessageChunk[] {
    const { status } = frame;
    const cut = status === 'interrupted' ? this.#cutBy('stop') : status === 'paused' ? this.#pause() : [];
    const mark = markOfEnd(frame);
    const finish: UIMessageChunk = {
      type: 'finish',
      finishReason: finishReasons[frame.stopReason ?? status],
      ...(mark && { messageMetadata: mark }),
    };
    const shown = cut.length > 0 || this.#step?.isEmpty ? this.#shown() : [];
    return [...cut, ...shown, ...this.#finishStep(), finish];
  }

  /** A step whose calls are open waits for somebody. Else the run waits in the middle of one that is not in the record, and lost. */
  #pause(): UIMessageChunk[] {
    return this.#step?.isRecorded && !this.#step.isOver ? [] : this.#cutBy('failure');
  }

  /** The AI SDK shows a step with the first thing in it; one that is empty is shown by naming the message again. */
  #shown(): UIMessageChunk[] {
    return [{ type: 'start', messageId: this.#messageId }];
  }

  #fail(frame: Extract<StreamFrame, { type: 'fail' }>): UIMessageChunk[] {
    const { errorDetail } = frame;
    const cut = this.#cutBy(errorDetail.code === 'framework_cancelled' ? 'stop' : 'failure');
    const mark: UIMessageChunk = { type: 'message-metadata', messageMetadata: markOfEnd(frame) };
    return [...cut, mark, ...errorChunks(HelixError.fromDetail(errorDetail))];
  }

  /**
   * The reply ends with the step that was lost. What began of it cannot be taken back with its beginning, so one that never began
   * is begun: the record, which knows of neither, shows it too.
   */
  #cutBy(end: 'failure' | 'stop'): UIMessageChunk[] {
    if (this.#step && !this.#step.isRecorded) return this.#step.cutBy(end);
    return this.#step?.wasCut ? this.#step.close() : [...this.#finishStep(), { type: 'start-step' }];
  }
}

const finishReasons = {
  completed: 'stop',
  max_tokens: 'length',
  other: 'other',
  interrupted: 'interrupted',
  paused: 'other',
} as const;

/** Chunks that the model's reply begins a step with; the end of a call belongs to the step that has the call. */
const begins: ReadonlySet<StreamChunk['type']> = new Set([
  'text_delta',
  'thinking',
  'file',
  'source',
  'tool_input_start',
  'tool_start',
]);

function ends({ type }: StreamChunk): boolean {
  return type === 'step_end';
}

function nameOf({ runId, step }: StepPlace): string {
  return `${runId} ${step}`;
}

/** Each value as it is: what surrounds it in a patch is no part of its depth. */
function patchChunk(operations: readonly PatchOperation[]): UIMessageChunk {
  const safe = operations.map((one) => (one.op === 'remove' ? one : { ...one, value: pageData(one.value) }));
  return { type: 'data-state-patch', data: { operations: safe }, transient: true };
}

/** The end of a stream that failed: the typed error for `onData`, then the text for `useChat`'s `error`. */
export function errorChunks(thrown: unknown): UIMessageChunk[] {
  const body = typedErrorBody(thrown);
  return [
    { type: 'data-helix-error', data: body, transient: true },
    { type: 'error', errorText: body.error },
  ];
}
