import {
  finishToolName,
  HelixError,
  type LLMAdapter,
  type LLMGenerateInput,
  type MessageRecord,
  type StepResult,
  type ToolCallRequest,
} from '@helix-agents/core';
import { spend, type AgentParts } from './make-agent.ts';
import type { ToolName } from './tool-shapes.ts';

/**
 * A model that asks for tools some times in each turn and then comes to its end, in words or with the output that is owed. One
 * in five replies it does not stream.
 */
export class ScriptedModel implements LLMAdapter {
  readonly #parts: AgentParts;

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  async generateStep(input: LLMGenerateInput): Promise<StepResult> {
    const { chance, effects, performer, plan } = this.#parts;
    effects.modelCallStarts(performer, input.messages);
    const { abortSignal } = input;
    const listens = chance.happens(0.5) ? abortSignal : undefined;
    const words = await this.#speak(input, listens);
    await spend(this.#parts, 'model replies', listens);
    listens?.throwIfAborted();
    if (chance.happens(plan.modelFails)) return this.#fail();
    return this.#reply(input, words);
  }

  async #speak({ callbacks, messages }: LLMGenerateInput, listens: AbortSignal | undefined): Promise<string> {
    const { chance, plan, scheduler, performer } = this.#parts;
    const tells = messages.length % 5 > 0;
    let words = '';
    for (let left = chance.between(0, plan.maxDeltas); left > 0; left -= 1) {
      await new Promise<void>((resolve) => scheduler.add(performer.process, 'model speaks', resolve));
      listens?.throwIfAborted();
      const word = `w${messages.length}.${left} `;
      if (tells) callbacks.onTextDelta?.(word);
      words += word;
    }
    return words;
  }

  #fail(): StepResult {
    const { chance } = this.#parts;
    const error = chance.happens(0.8)
      ? new HelixError('provider_overloaded', 'busy')
      : new HelixError('provider_error', 'broken', { retryable: false });
    if (chance.happens(0.3)) throw error;
    return { type: 'error', error };
  }

  #reply(input: LLMGenerateInput, content: string): StepResult {
    const { chance, plan } = this.#parts;
    const usage = { input: 5 + input.messages.length, output: 5, total: 10 + input.messages.length };
    const toolCalls = this.#calls(input);
    if (toolCalls.length > 0) return { type: 'tool_calls', content, toolCalls, usage };
    return { type: 'text', content, usage, shouldStop: !(plan.toolSteps > 0 && chance.happens(0.1)) };
  }

  #calls({ messages, tools, toolChoice }: LLMGenerateInput): ToolCallRequest[] {
    const { chance, plan } = this.#parts;
    if (tools.length === 0) return [];
    const finishes = tools.some(({ name }) => name === finishToolName);
    const atEnd = toolChoice === 'required' || stepsInTurn(messages) >= plan.toolSteps;
    if (atEnd && (!finishes || chance.happens(0.15))) return [];
    const names: string[] = Array.from({ length: atEnd ? chance.below(2) : chance.between(1, plan.maxCalls) }, () =>
      this.#toolName(),
    );
    if (atEnd) names.splice(chance.below(names.length + 1), 0, finishToolName);
    return names.map((name, index) => ({ id: `call_${index}`, name, arguments: this.#arguments(name) }));
  }

  #toolName(): ToolName | 'missing' {
    const { chance, plan } = this.#parts;
    return plan.tools.length === 0 || chance.happens(0.05) ? 'missing' : chance.pick(plan.tools);
  }

  #arguments(name: string): Record<string, string> {
    if (this.#parts.chance.happens(0.05)) return {};
    return name === finishToolName ? { answer: 'done' } : { for: name };
  }
}

function stepsInTurn(messages: readonly MessageRecord[]): number {
  const from = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(from + 1).filter(({ role }) => role === 'assistant').length;
}
