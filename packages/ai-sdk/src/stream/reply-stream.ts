import { HelixError, type StreamChunk, type StreamFrame } from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';
import { typedErrorBody } from '../http/typed-error.ts';
import { pageData } from '../messages/page-data.ts';
import { markOfEnd } from '../messages/turn-marks.ts';
import { LiveStep } from './live-step.ts';

/** What of a session's stream is shown beside the reply. */
export interface ReplyStreamOptions {
  /** Sends changes of the custom state as transient `data-state-patch` parts. Default false: the state may not be for users. */
  readonly sendStatePatches?: boolean;
}

/** Where the record left a reply whose stream begins in its middle. */
export interface RecordedStep {
  readonly place: Pick<StreamChunk, 'runId' | 'step'>;
  /** Chunks of its parts, without `start-step`. */
  readonly chunks: readonly UIMessageChunk[];
}

/**
 * Turns the frames of a run into chunks of one UI message. Steps of the model become steps of the message, so that what a
 * superseded attempt streamed can be taken back by `reset-step`: a step is never withdrawn after a later one began.
 */
export class ReplyStream {
  readonly #options: ReplyStreamOptions;
  #step: LiveStep | null;

  constructor(recorded: RecordedStep | null, options: ReplyStreamOptions = {}) {
    this.#options = options;
    this.#step = recorded && new LiveStep(recorded.place, recorded.chunks);
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
    if (chunk.type === 'state_patch')
      return this.#options.sendStatePatches
        ? [
            {
              type: 'data-state-patch',
              data: { operations: pageData([...chunk.operations]) },
              transient: true,
            },
          ]
        : [];
    const before = begins.has(chunk.type) && !this.#step?.holds(chunk) ? this.#next(chunk) : [];
    return [...before, ...(this.#step?.take({ sequence, chunk }) ?? [])];
  }

  #next(chunk: StreamChunk): UIMessageChunk[] {
    const before = this.#finishStep();
    this.#step = new LiveStep({ runId: chunk.runId, step: chunk.step });
    return [...before, { type: 'start-step' }];
  }

  #finishStep(): UIMessageChunk[] {
    return this.#step ? [...this.#step.close(), { type: 'finish-step' }] : [];
  }

  #end(frame: Extract<StreamFrame, { type: 'end' }>): UIMessageChunk[] {
    const { status } = frame;
    const cut = status === 'interrupted' ? this.#step?.cutBy('stop') : undefined;
    const mark = markOfEnd(frame);
    const finish: UIMessageChunk = {
      type: 'finish',
      finishReason: finishReasons[status],
      ...(mark && { messageMetadata: mark }),
    };
    return [...(cut ?? []), ...this.#finishStep(), finish];
  }

  #fail(frame: Extract<StreamFrame, { type: 'fail' }>): UIMessageChunk[] {
    const { errorDetail } = frame;
    const cut = this.#step?.cutBy(errorDetail.code === 'framework_cancelled' ? 'stop' : 'failure') ?? [];
    const mark: UIMessageChunk = { type: 'message-metadata', messageMetadata: markOfEnd(frame) };
    return [...cut, mark, ...errorChunks(HelixError.fromDetail(errorDetail))];
  }
}

const finishReasons = { completed: 'stop', interrupted: 'interrupted', paused: 'other' } as const;

/** Chunks that the model's reply begins a step with; the end of a call belongs to the step that has the call. */
const begins: ReadonlySet<StreamChunk['type']> = new Set(['text_delta', 'thinking', 'tool_input_start', 'tool_start']);

/** The end of a stream that failed: the typed error for `onData`, then the text for `useChat`'s `error`. */
export function errorChunks(thrown: unknown): UIMessageChunk[] {
  const body = typedErrorBody(thrown);
  return [
    { type: 'data-helix-error', data: body, transient: true },
    { type: 'error', errorText: body.error },
  ];
}
