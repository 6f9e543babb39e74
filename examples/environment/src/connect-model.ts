import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { VercelAIAdapter } from '@helix-agents/llm-vercel';
import type { RealModel } from './model-settings.ts';

const providers = { anthropic: createAnthropic, openai: createOpenAI };

/** What asks the model that was named. */
export function connectModel({ kind, modelId, apiKey, baseUrl }: RealModel): VercelAIAdapter {
  // Servers that want no key do not mind one; the AI SDK insists on some.
  if (kind === 'compatible')
    return new VercelAIAdapter({ model: createOpenAI({ baseURL: baseUrl, apiKey: apiKey ?? 'none' }).chat(modelId) });
  return new VercelAIAdapter({
    model: providers[kind]({ apiKey, ...(baseUrl !== null && { baseURL: baseUrl }) })(modelId),
  });
}
