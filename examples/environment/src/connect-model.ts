import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { VercelAIAdapter } from '@helix-agents/llm-vercel';
import type { RealModel } from './model-settings.ts';

const providers = { anthropic: createAnthropic, openai: createOpenAI };

/** What asks the model that was named. */
export function connectModel({ kind, modelId, apiKey, baseUrl }: RealModel): VercelAIAdapter {
  if (kind === 'compatible') {
    const key = apiKey === null ? {} : { apiKey };
    const server = createOpenAICompatible({ name: 'compatible', baseURL: baseUrl, includeUsage: true, ...key });
    return new VercelAIAdapter({ model: server(modelId) });
  }
  return new VercelAIAdapter({
    model: providers[kind]({ apiKey, ...(baseUrl !== null && { baseURL: baseUrl }) })(modelId),
  });
}
