import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { VercelAIAdapter } from '@helix-agents/llm-vercel';
import type { LLMAdapter } from '@helix-agents/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelSettings } from './model-settings.ts';
import { OfflineModel } from './offline-model.ts';

/** A model, and what the page says of it. */
export interface ChosenModel {
  readonly name: string;
  readonly isOffline: boolean;
  readonly llm: LLMAdapter;
}

export function chooseModel(settings: ModelSettings): ChosenModel {
  if (settings.kind === 'offline') {
    const { wordMs } = settings;
    const llm = new OfflineModel((signal) => sleep(wordMs, undefined, { signal }));
    return { name: 'Offline rules', isOffline: true, llm };
  }
  const { kind, modelId, apiKey, baseUrl } = settings;
  if (kind === 'compatible') {
    // Servers that want no key do not mind one; the SDK insists on some.
    const model = createOpenAI({ baseURL: baseUrl, apiKey: apiKey ?? 'none' }).chat(modelId);
    return { name: modelId, isOffline: false, llm: new VercelAIAdapter({ model }) };
  }
  const access = { apiKey, ...(baseUrl !== null && { baseURL: baseUrl }) };
  const model = kind === 'anthropic' ? createAnthropic(access)(modelId) : createOpenAI(access)(modelId);
  return { name: modelId, isOffline: false, llm: new VercelAIAdapter({ model }) };
}
