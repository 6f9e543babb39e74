import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { VercelAIAdapter } from '@helix-agents/llm-vercel';
import type { LLMAdapter } from '@helix-agents/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelSettings } from './config.ts';
import { OfflineModel, offlineModelName } from './offline-model.ts';

/** A model, and what to call it. */
export interface ChosenModel {
  readonly name: string;
  readonly llm: LLMAdapter;
}

export function chooseModel(settings: ModelSettings): ChosenModel {
  switch (settings.kind) {
    case 'offline':
      return { name: offlineModelName, llm: new OfflineModel((ms, signal) => sleep(ms, undefined, { signal })) };
    case 'anthropic': {
      const provider = createAnthropic({
        apiKey: settings.apiKey,
        ...(settings.baseUrl !== null && { baseURL: settings.baseUrl }),
      });
      return { name: `anthropic:${settings.modelId}`, llm: new VercelAIAdapter({ model: provider(settings.modelId) }) };
    }
    case 'openai': {
      const provider = createOpenAI({
        apiKey: settings.apiKey,
        ...(settings.baseUrl !== null && { baseURL: settings.baseUrl }),
      });
      return { name: `openai:${settings.modelId}`, llm: new VercelAIAdapter({ model: provider(settings.modelId) }) };
    }
    case 'compatible': {
      const provider = createOpenAI({ baseURL: settings.baseUrl, apiKey: settings.apiKey ?? 'none' });
      return {
        name: `${settings.modelId} at ${settings.baseUrl}`,
        llm: new VercelAIAdapter({ model: provider.chat(settings.modelId) }),
      };
    }
  }
}
