import type {
  LanguageModelV4Citation,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { FilePart, LLMStreamCallbacks, SourcePart } from '@helix-agents/core';
import { CallBlocks, type CallBlock } from './call-blocks.ts';
import { toFilePart } from './file-part.ts';
import { targetOf, toSourcePart } from './source-part.ts';

/** A stretch of text or of reasoning. */
export interface TextBlock {
  readonly type: 'text' | 'reasoning';
  text: string;
  metadata: SharedV4ProviderMetadata | undefined;
}

export type Block = TextBlock | CallBlock | FilePart | SourcePart;

type Part<TType extends LanguageModelV4StreamPart['type']> = Extract<LanguageModelV4StreamPart, { type: TType }>;

/**
 * A model's reply while it arrives: owns its blocks and tells the callbacks.
 *
 * 1. The blocks stand in the order in which the callbacks hear them: a text or thought that goes on behind something else goes on as a
 *    block of its own.
 * 2. What has metadata stays one block, where it began: a signature holds for the whole, and no item may come back twice.
 * 3. A source ends nothing: the text in which it is named goes on.
 * 4. Of metadata that comes more than once, the last holds, as in the AI SDK.
 */
export class Reply {
  readonly blocks: Block[] = [];
  finish: Part<'finish'> | undefined;
  modelId: string | undefined;
  /** Each text or thought by its id, in the blocks that it has come to so far. */
  readonly #texts = new Map<string, TextBlock[]>();
  readonly #calls: CallBlocks;
  readonly #callbacks: LLMStreamCallbacks;
  readonly #warn: (warning: SharedV4Warning) => void;
  readonly #leftOut = new Set<string>();
  /** Thoughts that did not end. */
  readonly #thoughts = new Set<TextBlock[]>();
  readonly #cited: LanguageModelV4Citation[] = [];
  /** The block that said something last. */
  #latest: Block | undefined;
  /** The thought that the callbacks heard last, until they hear its end. */
  #heardThought: TextBlock[] | undefined;

  constructor(callbacks: LLMStreamCallbacks, warn: (warning: SharedV4Warning) => void) {
    this.#callbacks = callbacks;
    this.#calls = new CallBlocks(callbacks);
    this.#warn = warn;
  }

  /** Whether silence is natural now: nothing was written yet, or the model searches or thinks. */
  get isThinking(): boolean {
    return this.#thoughts.size > 0 || this.blocks.every(({ type }) => type === 'source');
  }

  /** Takes the next part; throws what an error part carries. */
  take(part: LanguageModelV4StreamPart): void {
    switch (part.type) {
      case 'text-start':
        return void this.#beginText('text', part);
      case 'text-delta':
        return this.#appendText('text', part);
      case 'text-end':
        for (const citation of part.citations ?? []) this.#cited.push(citation);
        return this.#endText('text', part);
      case 'reasoning-start':
        return void this.#beginText('reasoning', part);
      case 'reasoning-delta':
        return this.#appendText('reasoning', part);
      case 'reasoning-end':
        return this.#endText('reasoning', part);
      case 'tool-input-start':
        if (!part.providerExecuted) this.#beginCall(part.id, part.toolName);
        return;
      case 'tool-input-delta':
        return this.#calls.append(part);
      case 'tool-call':
        return this.#takeCall(part);
      case 'file':
        return this.#takeFile(toFilePart(part));
      case 'source':
        return this.#takeSource(toSourcePart(part));
      case 'stream-start':
        return part.warnings.forEach(this.#warn);
      case 'response-metadata':
        this.modelId ??= part.modelId;
        return;
      case 'finish':
        this.#takeCited();
        this.finish = part;
        return;
      case 'error':
        // Providers put plain objects here too; `mapVercelError` knows them.
        throw part.error as Error;
      case 'custom':
        // Anthropic's package says at the head of each reply once more what it says elsewhere.
        return part.kind === 'anthropic.message_start' ? undefined : this.#leaveOut(part.type);
      case 'reasoning-file':
      case 'tool-result':
      case 'tool-approval-request':
        return this.#leaveOut(part.type);
      case 'tool-input-end':
      case 'ping':
      case 'raw':
        return;
    }
  }

  #beginText(type: TextBlock['type'], { id, providerMetadata }: Part<'text-start' | 'reasoning-start'>): TextBlock[] {
    const block: TextBlock = { type, text: '', metadata: providerMetadata };
    const said = [block];
    this.blocks.push(block);
    this.#texts.set(type + id, said);
    if (type === 'reasoning') this.#thoughts.add(said);
    return said;
  }

  #appendText(type: TextBlock['type'], { id, delta, providerMetadata }: Part<'text-delta' | 'reasoning-delta'>): void {
    const said = this.#texts.get(type + id) ?? this.#beginText(type, { type: `${type}-start`, id });
    describe(said, providerMetadata);
    if (delta === '') return;
    const block = this.#blockFor(said, type);
    this.#turnTo(block);
    block.text += delta;
    if (type === 'text') return this.#callbacks.onTextDelta?.(delta);
    this.#heardThought = said;
    this.#callbacks.onThinking?.(delta, false);
  }

  /** Where the next piece of a text or thought belongs. */
  #blockFor(said: TextBlock[], type: TextBlock['type']): TextBlock {
    const last = said.at(-1);
    if (last && (last === this.#latest || last === this.blocks.at(-1) || last.metadata)) return last;
    const next: TextBlock = { type, text: '', metadata: undefined };
    this.blocks.push(next);
    said.push(next);
    return next;
  }

  #endText(type: TextBlock['type'], { id, providerMetadata }: Part<'text-end' | 'reasoning-end'>): void {
    const said = this.#texts.get(type + id);
    if (!said) return;
    describe(said, providerMetadata);
    this.#thoughts.delete(said);
    if (this.#heardThought === said) this.#endThought();
  }

  /** Something else has the word: a thought that the callbacks heard last is over. */
  #turnTo(block: Block): void {
    if (block !== this.#latest) this.#endThought();
    this.#latest = block;
  }

  #endThought(): void {
    if (this.#heardThought) this.#callbacks.onThinking?.('', true);
    this.#heardThought = undefined;
  }

  #takeFile(file: FilePart): void {
    this.#turnTo(file);
    this.blocks.push(file);
    this.#callbacks.onFile?.(file);
  }

  #takeSource(source: SourcePart): void {
    this.blocks.push(source);
    this.#callbacks.onSource?.(source);
  }

  /** What is only cited is a source too; where in the text it is cited, a provider says in the metadata of the text. */
  #takeCited(): void {
    const known = new Set(this.blocks.flatMap((block) => (block.type === 'source' ? targetOf(block) : [])));
    for (const { source } of this.#cited) {
      const part = toSourcePart(source);
      const target = targetOf(part);
      if (!known.has(target)) this.#takeSource(part);
      known.add(target);
    }
  }

  #beginCall(wireId: string, name: string): void {
    this.#endThought();
    this.#latest = this.#calls.begin(wireId, name);
    this.blocks.push(this.#latest);
  }

  #takeCall(part: Part<'tool-call'>): void {
    if (part.providerExecuted) return this.#leaveOut('provider-executed tool-call');
    const { toolCallId: id, toolName, input: delta } = part;
    if (!this.#calls.isOpen(id)) {
      this.#beginCall(id, toolName);
      this.#calls.append({ type: 'tool-input-delta', id, delta });
    }
    this.#calls.complete(part);
  }

  /** What the transcript has no place for: provider-executed tools and their like. One warning says it of all of a kind. */
  #leaveOut(what: string): void {
    if (this.#leftOut.has(what)) return;
    this.#leftOut.add(what);
    this.#warn({ type: 'unsupported', feature: what, details: 'left out of the transcript' });
  }
}

/** Metadata is said of a text or thought as a whole: what went on in other blocks comes back into its first. */
function describe(said: TextBlock[], metadata: SharedV4ProviderMetadata | undefined): void {
  // Asked for every piece: what has none must cost nothing.
  if (!metadata) return;
  const [first, ...others] = said;
  if (!first) return;
  first.metadata = metadata;
  for (const other of others) {
    first.text += other.text;
    other.text = '';
  }
  said.length = 1;
}
