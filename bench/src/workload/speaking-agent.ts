import { defineAgent, type Agent, type LLMAdapter, type LLMGenerateInput, type StepResult } from '@helix-agents/core';

/** An agent that only speaks: one reply, and it is done. */
export const speakingAgent = defineAgent({ name: 'speaking', systemPrompt: 'You speak.' }) as unknown as Agent;

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
