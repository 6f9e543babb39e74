import { finishToolName, type StoredChunk, type StreamChunk } from '@helix-agents/core';
import type { UIMessageChunk } from 'ai';
import { pageData } from '../messages/page-data.ts';
import { thoughtId } from '../messages/reply-parts.ts';
import { sourceUIPart } from '../messages/source-ui-part.ts';
import { toolErrorText } from '../messages/tool-text.ts';

/** Which step of which run. */
export type StepPlace = Pick<StreamChunk, 'runId' | 'step'>;

/** Where the record left a reply whose stream begins in its middle. */
export interface RecordedStep {
  readonly place: StepPlace;
  /** Chunks of its parts, without `start-step`. */
  readonly chunks: readonly UIMessageChunk[];
  /** All of its calls have their results: what comes belongs to the next step. */
  readonly isOver: boolean;
  /** A stop cut it in the run that is told. */
  readonly wasCut: boolean;
}

/**
 * One step of a live reply: what was streamed of it, in the words of the UI stream.
 *
 * 1. It can be told again up to any sequence: that is how what was withdrawn leaves the client, by `reset-step`.
 * 2. At most one text or thought is open; whatever else comes closes it, but for a source, which may be named in the middle of a word.
 */
export class LiveStep {
  readonly #place: StepPlace;
  /** What the record had of the step when the stream began; always there. */
  readonly #recorded: RecordedStep | null;
  #log: StoredChunk[] = [];
  #open: { readonly type: 'text' | 'reasoning'; readonly id: string } | null = null;
  /** Calls whose arguments are not shown. */
  readonly #hidden = new Set<string>();
  /** Something of the log is shown. */
  #says = false;
  /** What has come of the URL of a file. */
  #received = '';
  #texts = 0;
  #thoughts = 0;

  constructor(place: StepPlace, recorded: RecordedStep | null = null) {
    this.#place = place;
    this.#recorded = recorded;
  }

  /** Whether all that belongs to it was told. */
  get isOver(): boolean {
    return (this.#recorded?.isOver ?? false) || this.#log.some(({ chunk }) => chunk.type === 'step_end');
  }

  /** Whether nothing of it is shown. */
  get isEmpty(): boolean {
    return !this.#says && (this.#recorded?.chunks.length ?? 0) === 0;
  }

  /** Whether nothing of it is shown, and the record does not have it either. */
  get isVoid(): boolean {
    return this.isEmpty && !this.isRecorded;
  }

  /** Whether the record has it. */
  get isRecorded(): boolean {
    return this.#recorded !== null || this.#log.some(({ chunk }) => provesRecord.has(chunk.type));
  }

  /** Whether a chunk belongs to this step and no other. */
  holds({ runId, step }: StepPlace): boolean {
    return runId === this.#place.runId && step === this.#place.step;
  }

  /** Whether the record has it as a stop of this run left it. */
  get wasCut(): boolean {
    return this.#recorded?.wasCut ?? false;
  }

  take(stored: StoredChunk): UIMessageChunk[] {
    this.#log.push(stored);
    return this.#show(stored.chunk);
  }

  /** Withdraws what came after a sequence. */
  rewind(toSequence: number): UIMessageChunk[] {
    return this.#keep(({ sequence }) => sequence <= toSequence);
  }

  /** All that the record did not have goes, where it has nothing of the step. */
  takeBack(): UIMessageChunk[] {
    return this.#recorded ? [] : this.#keep(() => false);
  }

  /** The run ended by a failure or a stop before the record had it: all of it goes, but for the text that a stop cut. */
  cutBy(end: 'failure' | 'stop'): UIMessageChunk[] {
    const kept = this.#keep(({ chunk }) => end === 'stop' && chunk.type === 'text_delta');
    return [...kept, ...this.close()];
  }

  /** The step is over: what never became a whole call is in no record, and goes. */
  finish(): UIMessageChunk[] {
    const calls = new Set(
      this.#log.flatMap(({ chunk }) => (provesRecord.has(chunk.type) && 'toolCallId' in chunk ? chunk.toolCallId : [])),
    );
    const kept = this.#keep(({ chunk }) => !('toolCallId' in chunk) || calls.has(chunk.toolCallId));
    return [...kept, ...this.close()];
  }

  /** Closes the text or thought that is open. */
  close(): UIMessageChunk[] {
    if (!this.#open) return [];
    const { type, id } = this.#open;
    this.#open = null;
    return [{ type: `${type}-end`, id }];
  }

  #keep(isKept: (stored: StoredChunk) => boolean): UIMessageChunk[] {
    const kept = this.#log.filter(isKept);
    if (kept.length === this.#log.length) return [];
    this.#log = kept;
    this.#open = null;
    this.#received = '';
    this.#thoughts = 0;
    this.#says = false;
    const again = kept.flatMap(({ chunk }) => this.#show(chunk));
    return [{ type: 'reset-step' }, ...(this.#recorded?.chunks ?? []), ...again];
  }

  #show(chunk: StreamChunk): UIMessageChunk[] {
    const told = this.#tell(chunk);
    this.#says ||= told.length > 0;
    return told;
  }

  #tell(chunk: StreamChunk): UIMessageChunk[] {
    switch (chunk.type) {
      case 'text_delta':
        return this.#say('text', chunk.delta);
      case 'thinking':
        return [...this.#say('reasoning', chunk.content), ...(chunk.isComplete ? this.close() : [])];
      case 'file':
        return this.#receive(chunk);
      case 'source':
        return [sourceUIPart(chunk.source)];
      case 'tool_input_start':
        if (chunk.toolName === finishToolName) this.#hidden.add(chunk.toolCallId);
        return this.#call(chunk.toolName, { ...idOf(chunk), type: 'tool-input-start', toolName: chunk.toolName });
      case 'tool_input_delta':
        return this.#hidden.has(chunk.toolCallId)
          ? []
          : [{ ...idOf(chunk), type: 'tool-input-delta', inputTextDelta: chunk.delta }];
      case 'tool_start':
        return this.#call(chunk.toolName, {
          ...idOf(chunk),
          type: 'tool-input-available',
          toolName: chunk.toolName,
          input: pageData(chunk.arguments),
        });
      case 'tool_end':
        return [...this.close(), ...ended(chunk)];
      default:
        return [];
    }
  }

  #say(type: 'text' | 'reasoning', delta: string): UIMessageChunk[] {
    if (delta === '') return [];
    const begin = this.#open?.type === type ? [] : [...this.close(), ...this.#begin(type)];
    const id = this.#open?.id ?? '';
    return [...begin, { type: `${type}-delta`, id, delta }];
  }

  /** A page takes a file whole. */
  #receive({ mediaType, url, isComplete }: Extract<StreamChunk, { type: 'file' }>): UIMessageChunk[] {
    this.#received += url;
    if (!isComplete) return [];
    const whole = this.#received;
    this.#received = '';
    return [...this.close(), { type: 'file', mediaType, url: whole }];
  }

  #begin(type: 'text' | 'reasoning'): UIMessageChunk[] {
    const id = type === 'text' ? `text-${(this.#texts += 1)}` : thoughtId(this.#place, (this.#thoughts += 1));
    this.#open = { type, id };
    return [{ type: `${type}-start`, id }];
  }

  /** The built-in finish is no tool to the user. */
  #call(toolName: string, chunk: UIMessageChunk): UIMessageChunk[] {
    return toolName === finishToolName ? [] : [...this.close(), chunk];
  }
}

/** Chunks that are written with, or after, the commit that has the reply. */
const provesRecord: ReadonlySet<StreamChunk['type']> = new Set(['tool_start', 'tool_end', 'step_end']);

function idOf({ toolCallId }: { readonly toolCallId: string }) {
  return { toolCallId };
}

function ended({ toolCallId, toolName, outcome }: Extract<StreamChunk, { type: 'tool_end' }>): UIMessageChunk[] {
  const errorText = toolErrorText(outcome);
  if (toolName === finishToolName)
    return outcome.type === 'result'
      ? [{ type: 'data-helix-output', id: toolCallId, data: pageData(outcome.value) }]
      : [];
  if (outcome.type === 'result')
    return [{ type: 'tool-output-available', toolCallId, output: pageData(outcome.value) }];
  return [{ type: 'tool-output-error', toolCallId, errorText: errorText ?? '' }];
}
