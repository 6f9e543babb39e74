import type { LLMStreamCallbacks } from '../../contracts/llm-adapter.ts';
import type { FilePart, SourcePart } from '../../session/message.ts';
import type { Owner } from '../owner/owner.ts';
import { uniqueIds, type CallNames } from './call-names.ts';
import { replyParts, type Reply } from './reply-parts.ts';

/** Text of the reply as the user has seen it, for the case that a stop cuts it; and the names of its calls. */
export class Heard implements LLMStreamCallbacks {
  readonly #owner: Owner;
  readonly names: CallNames;
  text = '';
  /** The adapter has told nothing yet. */
  #silent = true;
  #isOver = false;

  constructor(owner: Owner) {
    this.#owner = owner;
    this.names = uniqueIds(owner.transcript);
  }

  readonly onTextDelta = (delta: string): void => {
    if (this.#closed() || delta === '') return;
    this.text += delta;
    this.#owner.write({ type: 'text_delta', delta });
  };

  readonly onThinking = (content: string, isComplete: boolean): void => {
    if (!this.#closed()) this.#owner.write({ type: 'thinking', content, isComplete });
  };

  readonly onFile = ({ mediaType, url }: FilePart): void => {
    if (!this.#closed()) this.#owner.write({ type: 'file', mediaType, url, isComplete: true });
  };

  /** What only its provider understands stays in the record. */
  readonly onSource = ({ providerMetadata: _, ...source }: SourcePart): void => {
    if (!this.#closed()) this.#owner.write({ type: 'source', source });
  };

  readonly onToolInputStart = (toolCallId: string, toolName: string): void => {
    if (!this.#closed())
      this.#owner.write({ type: 'tool_input_start', toolCallId: this.names.of(toolCallId), toolName });
  };

  readonly onToolInputDelta = (toolCallId: string, delta: string): void => {
    if (!this.#closed()) this.#owner.write({ type: 'tool_input_delta', toolCallId: this.names.of(toolCallId), delta });
  };

  /** An adapter that tells nothing on the way: readers get its reply whole. */
  tellWhole(reply: Reply): void {
    if (!this.#silent) return;
    for (const part of replyParts(reply)) {
      if (part.type === 'text') this.onTextDelta(part.text);
      else if (part.type === 'reasoning') this.onThinking(part.text, true);
      else if (part.type === 'file') this.onFile(part);
      else if (part.type === 'source') this.onSource(part);
    }
  }

  /** The call is over: what its adapter says later belongs to no reply, and would stand in the next. */
  end(): void {
    this.#isOver = true;
  }

  /** Whatever comes after a stop was not seen by anybody. */
  #closed(): boolean {
    if (this.#silent) this.#owner.reached('model-call:first-delta');
    this.#silent = false;
    return this.#isOver || this.#owner.isCut;
  }
}
