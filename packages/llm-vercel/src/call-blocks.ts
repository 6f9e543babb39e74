import type { JSONObject, LanguageModelV4StreamPart, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { LLMStreamCallbacks } from '@helix-agents/core';
import { CallIds } from './call-ids.ts';

/** A call of a reply; `input` is absent until it is complete. */
export interface CallBlock {
  readonly type: 'call';
  /** Unique in the reply, unlike `wireId`. */
  readonly id: string;
  /** What the provider called it. */
  readonly wireId: string;
  readonly name: string;
  input?: string;
  metadata?: SharedV4ProviderMetadata;
}

type Part<TType extends LanguageModelV4StreamPart['type']> = Extract<LanguageModelV4StreamPart, { type: TType }>;

/** The calls of one reply while they arrive. A call has its final id from its first piece on. */
export class CallBlocks {
  readonly #open: CallBlock[] = [];
  readonly #ids = new CallIds();
  readonly #callbacks: LLMStreamCallbacks;

  constructor(callbacks: LLMStreamCallbacks) {
    this.#callbacks = callbacks;
  }

  begin(wireId: string, name: string): CallBlock {
    const block: CallBlock = { type: 'call', id: this.#ids.claim(wireId), wireId, name };
    this.#open.push(block);
    this.#callbacks.onToolInputStart?.(block.id, name);
    return block;
  }

  /** Where two open calls share an id, the piece belongs to the later one. */
  append({ id, delta }: Part<'tool-input-delta'>): void {
    const block = this.#open.findLast(({ wireId }) => wireId === id);
    if (block) this.#callbacks.onToolInputDelta?.(block.id, delta);
  }

  isOpen(id: string): boolean {
    return this.#open.some(({ wireId }) => wireId === id);
  }

  /** Completes the oldest open call of that id. */
  complete(part: Part<'tool-call'>): void {
    const at = this.#open.findIndex(({ wireId }) => wireId === part.toolCallId);
    const [block] = at < 0 ? [] : this.#open.splice(at, 1);
    if (!block) return;
    block.input = part.input;
    if (part.providerMetadata) block.metadata = metadataOf(block, part.providerMetadata);
  }
}

/** A renamed call is no longer the item that the provider knows: it goes back in full, under its new name. */
function metadataOf(block: CallBlock, metadata: SharedV4ProviderMetadata): SharedV4ProviderMetadata {
  if (block.id === block.wireId) return metadata;
  return Object.fromEntries(Object.entries(metadata).map(([provider, fields]) => [provider, withoutItemId(fields)]));
}

function withoutItemId(fields: JSONObject): JSONObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'itemId'));
}
