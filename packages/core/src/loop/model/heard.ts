import type { LLMStreamCallbacks } from '../../contracts/llm-adapter.ts';
import type { FilePart, MessagePart, SourcePart } from '../../session/message.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import type { Owner } from '../owner/owner.ts';
import { inOrder, uniqueIds, type CallNames } from './call-names.ts';
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
    if (delta !== '' && !this.#closed()) this.#say(delta);
  };

  readonly onThinking = (content: string, isComplete: boolean): void => {
    if (!this.#closed()) this.#owner.stream.write({ type: 'thinking', content, isComplete });
  };

  readonly onFile = (file: FilePart): void => {
    if (!this.#closed()) this.#owner.stream.write(fileChunk(file));
  };

  readonly onSource = (source: SourcePart): void => {
    if (!this.#closed()) this.#owner.stream.write(sourceChunk(source));
  };

  readonly onToolInputStart = (toolCallId: string, toolName: string): void => {
    if (!this.#closed())
      this.#owner.stream.write({ type: 'tool_input_start', toolCallId: this.names.of(toolCallId), toolName });
  };

  readonly onToolInputDelta = (toolCallId: string, delta: string): void => {
    if (!this.#closed())
      this.#owner.stream.write({ type: 'tool_input_delta', toolCallId: this.names.of(toolCallId), delta });
  };

  /** An adapter that told nothing on the way: readers get its reply whole, also where a stop came since. It goes into the record. */
  tellWhole(reply: Reply): void {
    if (!this.#silent) return;
    const parts = replyParts(reply);
    // Calls behind the last words are told by themselves, at once. Those before them part these words.
    const end = parts.findLastIndex(({ type }) => type !== 'tool-call') + 1;
    const nameOf = inOrder(this.names);
    for (const part of parts.slice(0, end)) this.#tell(part, nameOf);
  }

  #tell(part: MessagePart, nameOf: (givenId: string) => string): void {
    if (part.type === 'text' && part.text !== '') this.#say(part.text);
    else if (part.type === 'reasoning')
      this.#owner.stream.write({ type: 'thinking', content: part.text, isComplete: true });
    else if (part.type === 'file') this.#owner.stream.write(fileChunk(part));
    else if (part.type === 'source') this.#owner.stream.write(sourceChunk(part));
    else if (part.type === 'tool-call')
      this.#owner.stream.write({
        type: 'tool_input_start',
        toolCallId: nameOf(part.toolCallId),
        toolName: part.toolName,
      });
  }

  #say(delta: string): void {
    this.text += delta;
    this.#owner.stream.write({ type: 'text_delta', delta });
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

function fileChunk({ mediaType, url }: FilePart): ChunkBody {
  return { type: 'file', mediaType, url, isComplete: true };
}

/** What only its provider understands stays in the record. */
function sourceChunk({ providerMetadata: _, ...source }: SourcePart): ChunkBody {
  return { type: 'source', source };
}
