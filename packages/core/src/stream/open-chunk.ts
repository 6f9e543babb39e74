import type { ChunkBody, StreamChunk } from '../session/chunk.ts';

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
/** A chunk that was not sent yet: its delta may grow. */
export type WaitingChunk = Mutable<StreamChunk>;

/**
 * A chunk that waits, and the deltas that joined it. They are put together once, when it is sealed: a text that grew piece by piece
 * would keep every piece for as long as somebody keeps it.
 */
export class OpenChunk {
  readonly #chunk: WaitingChunk;
  readonly #pieces: string[];
  #length: number;

  constructor(chunk: WaitingChunk, text: string) {
    this.#chunk = chunk;
    this.#pieces = [text];
    this.#length = text.length;
  }

  isAt(step: number, attempt: number): boolean {
    return this.#chunk.step === step && this.#chunk.attempt === attempt;
  }

  /** Takes a delta of the same thing; false where they stay two chunks: of two things, or too long together. */
  join(body: ChunkBody, longest: number): boolean {
    const text = textOf(body);
    if (text === undefined || !goesOn(this.#chunk, body) || this.#length + text.length > longest) return false;
    this.#pieces.push(text);
    this.#length += text.length;
    if (body.type === 'thinking' && this.#chunk.type === 'thinking') this.#chunk.isComplete = body.isComplete;
    return true;
  }

  /** From now on nothing may join. */
  seal(): void {
    if (this.#pieces.length === 1) return;
    const text = this.#pieces.join('');
    if (this.#chunk.type === 'thinking') this.#chunk.content = text;
    if (this.#chunk.type === 'text_delta' || this.#chunk.type === 'tool_input_delta') this.#chunk.delta = text;
  }
}

/** What a delta says; nothing where a chunk is none. */
export function textOf(body: ChunkBody): string | undefined {
  if (body.type === 'thinking') return body.content;
  return body.type === 'text_delta' || body.type === 'tool_input_delta' ? body.delta : undefined;
}

/** Whether a delta says more of what the waiting chunk says. A thought that is complete ends there: what comes is the next one. */
function goesOn(waiting: WaitingChunk, body: ChunkBody): boolean {
  if (waiting.type !== body.type) return false;
  if (waiting.type === 'thinking') return !waiting.isComplete;
  return waiting.type !== 'tool_input_delta' || callOf(waiting) === callOf(body);
}

function callOf(body: ChunkBody): string | undefined {
  return body.type === 'tool_input_delta' ? body.toolCallId : undefined;
}
