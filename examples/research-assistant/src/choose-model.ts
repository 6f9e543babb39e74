import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { VercelAIAdapter } from '@helix-agents/llm-vercel';
import type { LLMAdapter } from '@helix-agents/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelSettings } from './model-settings.ts';
import { OfflineModel, offlineModelName } from './offline-model.ts';

/** A model, and what to call it. */
export interface ChosenModel {
  readonly name: string;
  readonly llm: LLMAdapter;
}

const providers = { anthropic: createAnthropic, openai: createOpenAI };

export function chooseModel(settings: ModelSettings): ChosenModel {
  if (settings.kind === 'offline')
    return { name: offlineModelName, llm: new OfflineModel((ms, signal) => sleep(ms, undefined, { signal })) };
  const { kind, modelId, baseUrl } = settings;
  if (kind === 'compatible') {
    const model = createOpenAI({ baseURL: baseUrl, apiKey: settings.apiKey ?? 'none' }).chat(modelId);
    return { name: `${modelId} at ${baseUrl}`, llm: new VercelAIAdapter({ model }) };
  }
  const model = providers[kind]({ apiKey: settings.apiKey, ...(baseUrl !== null && { baseURL: baseUrl }) })(modelId);
  return { name: `${kind}:${modelId}`, llm: new VercelAIAdapter({ model }) };
}
