// Would catch: tokens that are paid for and counted nowhere, or twice.
import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { toTokenUsage } from './token-usage.ts';

const counted: LanguageModelV4Usage = {
  inputTokens: { total: 100, noCache: 30, cacheRead: 60, cacheWrite: 10 },
  outputTokens: { total: 20, text: 12, reasoning: 8 },
};
const expected = { input: 100, output: 20, cachedInput: 60, cacheWrite: 10, reasoning: 8 };

test('what was read from a cache, written to it and thought is counted, each as a part of its sum', () => {
  expect(toTokenUsage(counted)).toEqual({ ...expected, total: 120 });
});

test.each(['total_tokens', 'totalTokens'])('a total of the provider (%s) counts, which may hold more', (name) => {
  expect(toTokenUsage({ ...counted, raw: { [name]: 131 } })).toEqual({ ...expected, total: 131 });
});

test('what a provider does not split is not split', () => {
  const { inputTokens, outputTokens } = counted;
  const plain = { cacheRead: undefined, cacheWrite: undefined, noCache: undefined };
  const usage = { inputTokens: { ...inputTokens, ...plain }, outputTokens: { ...outputTokens, reasoning: undefined } };
  expect(toTokenUsage(usage)).toEqual({ input: 100, output: 20, total: 120 });
});

test.each([
  undefined,
  null,
  {},
  { inputTokens: 3, outputTokens: 4 },
  { inputTokens: null, outputTokens: { total: Number.NaN } },
])('a provider that counts in another shape, or not at all, has counted nothing: %j', (usage) => {
  expect(toTokenUsage(usage as never)).toBeUndefined();
});
