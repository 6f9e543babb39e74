import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { ErrorCode, HelixError, ToolChoice } from '@helix-agents/core';

type Model = Pick<LanguageModelV4, 'provider' | 'modelId'>;

/**
 * Which models refuse to be made to call a tool. Several do while they think, which no name tells: it is known once one has refused, and
 * it has the choice from then on. What the loop says in words stands in each such request.
 */
export class ToolChoices {
  readonly #free = new Set<string>();

  /** The choice that is sent for the wanted one. */
  sentTo(model: Model, wanted: ToolChoice): ToolChoice {
    return this.#free.has(keyOf(model)) ? 'auto' : wanted;
  }

  /** Whether an error refuses the choice that was sent, so that the same call can succeed with another. */
  learn(model: Model, sent: ToolChoice, { code, message }: HelixError): boolean {
    if (sent !== 'required' || !refusals.includes(code) || !/tool[_ ]?choice/i.test(message)) return false;
    this.#free.add(keyOf(model));
    return true;
  }
}

/** A router has no such model among those that take the choice. */
const refusals: readonly ErrorCode[] = ['provider_invalid_request', 'provider_model_not_found'];

function keyOf({ provider, modelId }: Model): string {
  return `${provider} ${modelId}`;
}
