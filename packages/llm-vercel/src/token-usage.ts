import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { TokenUsage } from '@helix-agents/core';

/** Tokens of a call; undefined where the provider did not count. */
export function toTokenUsage({ inputTokens, outputTokens, raw }: LanguageModelV4Usage): TokenUsage | undefined {
  if (inputTokens.total === undefined && outputTokens.total === undefined) return undefined;
  const input = inputTokens.total ?? 0;
  const output = outputTokens.total ?? 0;
  const total = raw?.['total_tokens'] ?? raw?.['totalTokens'];
  return {
    input,
    output,
    total: typeof total === 'number' ? total : input + output,
    ...(inputTokens.cacheRead !== undefined && { cachedInput: inputTokens.cacheRead }),
    ...(inputTokens.cacheWrite !== undefined && { cacheWrite: inputTokens.cacheWrite }),
    ...(outputTokens.reasoning !== undefined && { reasoning: outputTokens.reasoning }),
  };
}
