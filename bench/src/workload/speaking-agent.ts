import { defineAgent, withoutTypes, type LLMAdapter, type LLMGenerateInput, type StepResult } from '@helix-agents/core';

/** An agent that only speaks: one reply, and it is done. */
export const speakingAgent = withoutTypes(defineAgent({ name: 'speaking', systemPrompt: 'You speak.' }));

/** A model whose one reply is many deltas: `pause` is waited for before each, and gives its text. */
export class SpeakingModel implements LLMAdapter {
  readonly #deltas: number;
  readonly #pause: (index: number) => Promise<string> | string;

  constructor(deltas: number, pause: (index: number) => Promise<string> | string) {
    this.#deltas = deltas;
    this.#pause = pause;
  }

  async generateStep({ callbacks }: LLMGenerateInput): Promise<StepResult> {
    for (let index = 0; index < this.#deltas; index += 1) {
      const text = this.#pause(index);
      callbacks.onTextDelta?.(typeof text === 'string' ? text : await text);
    }
    return { type: 'text', content: 'done' };
  }
}

/** A model whose one reply is so many chunks: text and thoughts take turns, so that nothing can be joined. */
export class MusingModel implements LLMAdapter {
  readonly #chunks: number;

  constructor(chunks: number) {
    this.#chunks = chunks;
  }

  async generateStep({ callbacks }: LLMGenerateInput): Promise<StepResult> {
    for (let index = 0; index < this.#chunks; index += 2) {
      callbacks.onTextDelta?.('word ');
      callbacks.onThinking?.('Hm. ', true);
    }
    return { type: 'text', content: 'done' };
  }
}
