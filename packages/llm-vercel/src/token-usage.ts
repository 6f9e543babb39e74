import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { TokenUsage } from '@helix-agents/core';

/** What of a usage is there: a package for a provider may leave out what its type promises, and the reply is good all the same. */
type GivenUsage = Partial<Pick<LanguageModelV4Usage, 'raw'>> & {
  readonly [Side in 'inputTokens' | 'outputTokens']?: Partial<LanguageModelV4Usage[Side]> | null;
};

/** Tokens of a call; undefined where the provider did not count. What is no number from 0 on was not counted. */
export function toTokenUsage(usage: GivenUsage | null | undefined): TokenUsage | undefined {
  const { raw } = usage ?? {};
  const [inputTokens, outputTokens] = [usage?.inputTokens ?? {}, usage?.outputTokens ?? {}];
  const [input, output] = [countOf(inputTokens.total), countOf(outputTokens.total)];
  if (input === undefined && output === undefined) return undefined;
  const counted = (input ?? 0) + (output ?? 0);
  const [cachedInput, cacheWrite] = [countOf(inputTokens.cacheRead), countOf(inputTokens.cacheWrite)];
  const reasoning = countOf(outputTokens.reasoning);
  return {
    input: input ?? 0,
    output: output ?? 0,
    total: countOf(raw?.['total_tokens'] ?? raw?.['totalTokens']) ?? counted,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

/** A server that speaks a provider's protocol may fill it with anything. */
function countOf(given: unknown): number | undefined {
  return typeof given === 'number' && Number.isFinite(given) && given >= 0 ? given : undefined;
}
