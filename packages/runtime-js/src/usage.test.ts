// Would catch: a model call or tool call that costs money and is in no sum, a failure that counts as success, durations of nothing.
import {
  defineAgent,
  defineTool,
  HelixError,
  type Logger,
  type StepResult,
  type TokenUsage,
  type UsageEntry,
} from '@helix-agents/core';
import { FakeClock, type MockStep } from '@helix-agents/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { answers, calls, gate, inMemory } from '../test/harness.ts';
import type { JSAgentExecutorOptions } from './index.ts';

const nothing = z.object({});
const records = defineTool({
  name: 'records',
  description: 'x',
  inputSchema: nothing,
  execute: (_input, { recordUsage }) => recordUsage('pages', { count: 3 }),
});
const fails = defineTool({
  name: 'fails',
  description: 'x',
  inputSchema: nothing,
  execute: (_input, { recordUsage }) => {
    recordUsage('pages', { count: 1 });
    throw new Error('no luck');
  },
});
const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [records, fails] });

const quick: JSAgentExecutorOptions = { limits: { backoffMs: 1, maxBackoffMs: 2 } };
const busy = (usage?: TokenUsage): StepResult => {
  return { type: 'error', error: new HelixError('provider_overloaded', 'busy'), ...(usage && { usage }) };
};

async function run(script: readonly MockStep[], options = quick) {
  const made = inMemory(script, options);
  const committed = vi.spyOn(made.store, 'commit');
  const handle = await made.executor.execute(agent, 'Hi', { sessionId: 's' });
  await handle.result();
  const entries = committed.mock.calls.flatMap(([, { usage }]): readonly UsageEntry[] => usage ?? []);
  return { rollup: await handle.getUsageRollup(), entries };
}

describe('usage', () => {
  it('is summed over model calls, tools and what tools record', async () => {
    const usage = { input: 10, output: 5, total: 15, cachedInput: 4 };
    const { rollup } = await run([
      { ...calls(['records', {}]), usage },
      { ...answers('end'), usage },
    ]);
    expect(rollup).toEqual({
      tokens: { input: 20, output: 10, total: 30, cachedInput: 8, cacheWrite: 0, reasoning: 0 },
      modelCalls: 2,
      toolStats: { totalCalls: 1, failedCalls: 0, byTool: { records: 1 } },
      custom: { pages: 1 },
    });
  });

  it('has every model call, also where the provider does not say what it took', async () => {
    const { rollup, entries } = await run([calls(['records', {}]), answers('end')]);
    expect(rollup).toMatchObject({ modelCalls: 2, tokens: { total: 0 } });
    expect(entries.filter(({ kind }) => kind === 'tokens')).toMatchObject([
      { step: 1, attempt: 1, tokens: { input: 0, output: 0, total: 0 } },
      { step: 2, attempt: 1 },
    ]);
  });

  const odd: [string, unknown][] = [
    ['NaN', { input: NaN, output: 2, total: NaN }],
    ['infinite', { input: Infinity, output: 2, total: 1 / 0, cachedInput: -Infinity }],
    ['a text', { input: '12', output: 2, total: '14', reasoning: '3' }],
    ['below zero', { input: -5, output: 2, total: -3 }],
    ['more than can be counted', { input: 1e308, output: 2, total: 1e308 }],
    ['a bigint', { input: 5n, output: 2, total: 7n }],
    ['an object', { input: { total: 4 }, output: 2, total: [2], cacheWrite: new Date(0) }],
    ['null', { input: null, output: 2, total: null, reasoning: null }],
    ['missing', { output: 2 }],
  ];

  it.each(odd)('of a model whose tokens are %s has what is a number, and says so', async (_, usage) => {
    const logger = { log: vi.fn<Logger['log']>() };
    const script = [
      { ...calls(['records', {}]), usage },
      { ...answers('end'), usage },
    ] as MockStep[];
    const { rollup, entries } = await run(script, { ...quick, logger });
    expect(rollup.tokens).toEqual({ input: 0, output: 4, total: 4, cachedInput: 0, cacheWrite: 0, reasoning: 0 });
    const kept = entries.flatMap((entry) => (entry.kind === 'tokens' ? [entry.tokens] : []));
    expect(kept).toEqual([1, 2].map(() => ({ input: 0, output: 2, total: 2 })));
    expect(logger.log).toHaveBeenCalledWith('warn', expect.stringContaining('tokens'), expect.anything());
  });

  it.each([null, 'many', 7, []])('of a model that counts in %j is none', async (usage) => {
    const { rollup } = await run([{ ...answers('end'), usage } as unknown as MockStep]);
    expect(rollup).toMatchObject({ modelCalls: 1, tokens: { input: 0, output: 0, total: 0 } });
  });

  it('has the attempts that failed, with the tokens that they took', async () => {
    const { rollup, entries } = await run([busy({ input: 7, output: 1, total: 8 }), busy(), answers('end')]);
    expect(rollup).toMatchObject({ modelCalls: 3, tokens: { input: 7, output: 1, total: 8 } });
    expect(entries).toMatchObject([1, 2, 3].map((attempt) => ({ step: 1, attempt })));
  });

  it.each(['', 'I thi'])('has the model call that a stop cut, behind the words %j', async (words) => {
    const begun = gate();
    const hangs: MockStep = ({ callbacks }) => {
      callbacks.onTextDelta?.(words);
      begun.resolve();
      return new Promise<never>(() => {});
    };
    const { executor } = inMemory([hangs]);
    const handle = await executor.execute(agent, 'Hi');
    await begun.promise;
    await handle.interrupt();
    expect(await handle.result()).toMatchObject({ status: 'interrupted' });
    expect(await handle.getUsageRollup()).toMatchObject({ modelCalls: 1, tokens: { total: 0 } });
  });

  it('has the calls that failed, and what their bodies recorded', async () => {
    const { rollup, entries } = await run([calls(['records', {}], ['fails', {}], ['fails', {}]), answers('end')]);
    expect(rollup).toMatchObject({
      toolStats: { totalCalls: 3, failedCalls: 2, byTool: { records: 1, fails: 2 } },
      custom: { pages: 3 },
    });
    const ends = entries.flatMap((entry) => (entry.kind === 'tool' ? [`${entry.toolName} ${entry.ok}`] : []));
    expect(ends.toSorted()).toEqual(['fails false', 'fails false', 'records true']);
  });

  it.each([0, -3_600_000])(
    'says how long model calls and bodies took, where the wall clock was set by %i ms',
    async (ms) => {
      const clock = new FakeClock();
      const now = clock.now.bind(clock);
      vi.spyOn(clock, 'now').mockImplementation(() => now() + (clock.monotonic() > 0 ? ms : 0));
      const slow = defineTool({
        name: 'slow',
        description: 'x',
        inputSchema: nothing,
        execute: () => clock.advance(20),
      });
      const takes =
        (tookMs: number, step: StepResult): MockStep =>
        async () => {
          await clock.advance(tookMs);
          return step;
        };
      const { executor, store } = inMemory([takes(30, calls(['slow', {}])), takes(40, answers('end'))], { clock });
      const committed = vi.spyOn(store, 'commit');
      const slowly = defineAgent({ name: 'a', systemPrompt: '', tools: [slow] });
      await (await executor.execute(slowly, 'Hi')).result();
      const entries = committed.mock.calls.flatMap(([, { usage }]): readonly UsageEntry[] => usage ?? []);
      expect(entries).toMatchObject([
        { kind: 'tokens', durationMs: 30 },
        { kind: 'tool', durationMs: 20 },
        { kind: 'tokens', durationMs: 40 },
      ]);
    },
  );
});
