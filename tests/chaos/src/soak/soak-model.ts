import { setTimeout as sleep } from 'node:timers/promises';
import {
  finishToolName,
  HelixError,
  type LLMAdapter,
  type LLMGenerateInput,
  type MessageRecord,
  type StepResult,
  type ToolCallRequest,
} from '@helix-agents/core';
import { toolNames } from './soak-agents.ts';

const longestTurn = 5;

/**
 * Speaks words that nobody said before, so that each is known again wherever it is read; asks for tools, fails now and then, and
 * comes to its end after some steps. Its chances are its own: what a killed process did not come to is no part of a seed.
 */
export const soakModel: LLMAdapter = {
  generateStep: async (input: LLMGenerateInput): Promise<StepResult> => {
    const content = await speak(input);
    if (happens(0.12)) return { type: 'error', error: new HelixError('provider_overloaded', 'busy') };
    if (happens(0.02))
      return { type: 'error', error: new HelixError('provider_error', 'broken', { retryable: false }) };
    const { messages, tools } = input;
    const usage = { input: messages.length, output: 3, total: messages.length + 3 };
    const owesOutput = tools.some(({ name }) => name === finishToolName);
    const toolCalls = callsAfter(messages, owesOutput);
    return toolCalls.length > 0 ? { type: 'tool_calls', content, toolCalls, usage } : { type: 'text', content, usage };
  },
};

async function speak({ callbacks, abortSignal }: LLMGenerateInput): Promise<string> {
  let words = '';
  const longestPauseMs = happens(0.1) ? 150 : 10;
  for (let left = below(14); left > 0; left -= 1) {
    const word = `${newId()} `;
    callbacks.onTextDelta?.(word);
    words += word;
    await sleep(below(longestPauseMs));
    if (happens(0.5)) abortSignal.throwIfAborted();
  }
  return words;
}

function callsAfter(messages: readonly MessageRecord[], owesOutput: boolean): ToolCallRequest[] {
  const from = messages.findLastIndex(({ role }) => role === 'user');
  const steps = messages.slice(from + 1).filter(({ role }) => role === 'assistant').length;
  if (steps < longestTurn && !happens(0.12 * steps)) return Array.from({ length: 1 + below(4) }, someCall);
  return owesOutput ? [{ id: newId(), name: finishToolName, arguments: { answer: newId() } }] : [];
}

function someCall(): ToolCallRequest {
  const ms = happens(0.06) ? 1_000 + below(3_000) : below(80);
  const name = toolNames[below(toolNames.length)] ?? 'missing';
  return { id: newId(), name, arguments: { ms, fails: happens(0.05) } };
}

function newId(): string {
  return Math.random().toString(36).slice(2, 10);
}

function happens(probability: number): boolean {
  return Math.random() < probability;
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}
