import type {
  LanguageModelV4File,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { LLMStreamCallbacks } from '@helix-agents/core';
import { CallBlocks, type CallBlock } from './call-blocks.ts';

/** A stretch of text or of reasoning. */
export interface TextBlock {
  readonly type: 'text' | 'reasoning';
  text: string;
  metadata: SharedV4ProviderMetadata | undefined;
}

export type Block = TextBlock | CallBlock | LanguageModelV4File;

type Part<TType extends LanguageModelV4StreamPart['type']> = Extract<LanguageModelV4StreamPart, { type: TType }>;

/**
 * A model's reply while it arrives: owns its blocks and tells the callbacks.
 *
 * 1. A block stands where it began, however its pieces are mixed with those of others.
 * 2. Of metadata that comes more than once, the last holds, as in the AI SDK.
 */
export class Reply {
  readonly blocks: Block[] = [];
  finish: Part<'finish'> | undefined;
  modelId: string | undefined;
  readonly #texts = new Map<string, TextBlock>();
  readonly #calls: CallBlocks;
  readonly #callbacks: LLMStreamCallbacks;
  readonly #warn: (warning: SharedV4Warning) => void;
  readonly #thoughts = new Set<TextBlock>();

  constructor(callbacks: LLMStreamCallbacks, warn: (warning: SharedV4Warning) => void) {
    this.#callbacks = callbacks;
    this.#calls = new CallBlocks(callbacks);
    this.#warn = warn;
  }

  /** Whether silence is natural now: nothing was written yet, or the model thinks. */
  get isThinking(): boolean {
    return this.blocks.length === 0 || this.#thoughts.size > 0;
  }

  /** Takes the next part; throws what an error part carries. */
  take(part: LanguageModelV4StreamPart): void {
    switch (part.type) {
      case 'text-start':
        return void this.#beginText('text', part);
      case 'text-delta':
        return this.#appendText('text', part);
      case 'text-end':
        return void this.#endText('text', part);
      case 'reasoning-start':
        return void this.#beginText('reasoning', part);
      case 'reasoning-delta':
        return this.#appendText('reasoning', part);
      case 'reasoning-end':
        return this.#endReasoning(part);
      case 'tool-input-start':
        if (!part.providerExecuted) this.blocks.push(this.#calls.begin(part.id, part.toolName));
        return;
      case 'tool-input-delta':
        return this.#calls.append(part);
      case 'tool-call':
        return this.#takeCall(part);
      case 'file':
        return void this.blocks.push(part);
      case 'stream-start':
        return part.warnings.forEach(this.#warn);
      case 'response-metadata':
        this.modelId ??= part.modelId;
        return;
      case 'finish':
        this.finish = part;
        return;
      case 'error':
        // Providers put plain objects here too; `mapVercelError` knows them.
        throw part.error as Error;
      case 'custom':
      case 'reasoning-file':
      case 'tool-result':
      case 'tool-approval-request':
        return this.#leaveOut(part.type);
      case 'tool-input-end':
      case 'source':
      case 'ping':
      case 'raw':
        return;
    }
  }

  #beginText(type: TextBlock['type'], { id, providerMetadata }: Part<'text-start' | 'reasoning-start'>): TextBlock {
    const block: TextBlock = { type, text: '', metadata: providerMetadata };
    this.blocks.push(block);
    this.#texts.set(type + id, block);
    if (type === 'reasoning') this.#thoughts.add(block);
    return block;
  }

  #appendText(type: TextBlock['type'], { id, delta, providerMetadata }: Part<'text-delta' | 'reasoning-delta'>): void {
    const block = this.#texts.get(type + id) ?? this.#beginText(type, { type: `${type}-start`, id });
    block.text += delta;
    block.metadata = providerMetadata ?? block.metadata;
    if (delta === '') return;
    if (type === 'text') this.#callbacks.onTextDelta?.(delta);
    else this.#callbacks.onThinking?.(delta, false);
  }

  #endText(
    type: TextBlock['type'],
    { id, providerMetadata }: Part<'text-end' | 'reasoning-end'>,
  ): TextBlock | undefined {
    const block = this.#texts.get(type + id);
    if (block) block.metadata = providerMetadata ?? block.metadata;
    return block;
  }

  #endReasoning(part: Part<'reasoning-end'>): void {
    const block = this.#endText('reasoning', part);
    if (block && this.#thoughts.delete(block) && block.text !== '') this.#callbacks.onThinking?.('', true);
  }

  #takeCall(part: Part<'tool-call'>): void {
    if (part.providerExecuted) return this.#leaveOut('provider-executed tool-call');
    const fresh = this.#calls.complete(part);
    if (fresh) this.blocks.push(fresh);
  }

  /** What the transcript has no place for, and what nobody here asked for: provider-executed tools and their like. */
  #leaveOut(what: string): void {
    this.#warn({ type: 'unsupported', feature: what, details: 'left out of the transcript' });
  }
}
