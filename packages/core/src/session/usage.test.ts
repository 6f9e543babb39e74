// Would catch: sums that take what every object inherits for a count, an amount that is counted as one.
import { expect, it } from 'vitest';
import { addUsage, noUsage, type UsageEntry } from './usage.ts';

const place = { v: 1, runId: 'r', step: 1, at: 0 } as const;

it.each(['constructor', 'toString', '__proto__', 'plain'])('counts what is named %s', (name) => {
  const tool: UsageEntry = { ...place, kind: 'tool', callId: 'c', toolName: name, ok: true, durationMs: 1 };
  const custom: UsageEntry = { ...place, kind: 'custom', name, data: null };
  const sum = [tool, tool, custom].reduce(addUsage, noUsage);
  expect([Object.entries(sum.toolStats.byTool), Object.entries(sum.custom)]).toEqual([[[name, 2]], [[name, 1]]]);
});

it('adds up each kind of token by itself, as a sum of what every call took', () => {
  const tokens = { input: 1, output: 2, total: 4, cachedInput: 8, cacheWrite: 16, reasoning: 32 };
  const said: UsageEntry = { ...place, kind: 'tokens', attempt: 1, tokens, durationMs: 1 };
  const less: UsageEntry = { ...said, tokens: { input: 1, output: 1, total: 2 } };
  const sum = [said, less, said].reduce(addUsage, noUsage);
  expect(sum.tokens).toEqual({ input: 3, output: 5, total: 10, cachedInput: 16, cacheWrite: 32, reasoning: 64 });
  expect(sum.modelCalls).toBe(3);
});

it('adds up the numbers that tools record, and counts what is none', () => {
  const entries = [0.5, 0.25, -0.5].map((data): UsageEntry => ({ ...place, kind: 'custom', name: 'usd', data }));
  const pages = [{ read: 3 }, 'two'].map((data): UsageEntry => ({ ...place, kind: 'custom', name: 'pages', data }));
  expect([...entries, ...pages].reduce(addUsage, noUsage).custom).toEqual({ usd: 0.25, pages: 2 });
});
