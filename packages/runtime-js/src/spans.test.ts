// Would catch: work that no trace shows, and a span that never ends because its work threw or was cut.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  defineAgent,
  defineTool,
  HelixError,
  type Instrumentation,
  type LLMAdapter,
  type Span,
} from '@helix-agents/core';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, hanging } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

interface SeenSpan {
  readonly name: string;
  attributes: Readonly<Record<string, unknown>>;
  ends: number;
  error?: unknown;
}

function traced(llm: LLMAdapter, store = new InMemoryStateStore()) {
  const spans: SeenSpan[] = [];
  const instrumentation: Instrumentation = {
    startSpan: (name, attributes) => {
      const span: SeenSpan = { name, attributes, ends: 0 };
      spans.push(span);
      return {
        set: (more) => void (span.attributes = { ...span.attributes, ...more }),
        end: (error) => {
          span.ends += 1;
          if (error !== undefined) span.error = error;
        },
      };
    },
  };
  const executor = new JSAgentExecutor(store, new InMemoryStreamManager(), llm, {
    instrumentation,
    limits: { backoffMs: 1, stopGraceMs: 20, drainMs: 20 },
  });
  return { spans, executor };
}

const thrown = new Error('no');
const broken = action('broken', () => {
  throw thrown;
});
const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [broken], llmConfig: { maxRetries: 0 } });

describe('a trace', () => {
  it('shows each model call, tool and commit of a run, under the session', async () => {
    const { spans, executor } = traced(new MockLLMAdapter([calls(['broken', {}]), answers('Done')]));
    await (await executor.execute(agent, 'Hi', { sessionId: 's' })).result();
    const step = ['chat', 'commit', 'execute_tool', 'commit'];
    expect(spans.map(({ name }) => name)).toEqual(['commit', ...step, 'chat', 'commit']);
    expect(spans.every(({ ends }) => ends === 1)).toBe(true);
    expect(spans.map(({ attributes }) => attributes['gen_ai.conversation.id'])).toEqual(spans.map(() => 's'));
    expect(spans[1]?.attributes).toMatchObject({ 'gen_ai.operation.name': 'chat' });
    expect(spans[3]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'broken',
      'gen_ai.tool.call.id': 'call_1',
    });
    expect(spans[3]?.error).toBe(thrown);
    expect(spans.filter(({ error }) => error !== undefined)).toHaveLength(1);
  });

  it('says of each model call and tool where in which run it stood, and what the model said of its call', async () => {
    const usage = { input: 3, output: 4, total: 7, cachedInput: 2, cacheWrite: 1 };
    const busy = { type: 'error' as const, error: new HelixError('provider_overloaded', 'busy') };
    const toolCalls = [{ id: 'call_1', name: 'broken', arguments: {} }];
    const reply = { type: 'tool_calls' as const, toolCalls, usage, model: 'm-1-2026' };
    const { spans, executor } = traced(new MockLLMAdapter([busy, reply, answers('Done')]));
    const named = defineAgent({ name: 'a', systemPrompt: '', tools: [broken], llmConfig: { model: 'm-1' } });
    const { runId } = await (await executor.execute(named, 'Hi')).result();
    const place = { 'gen_ai.agent.name': 'a', 'helix.run.id': runId };
    const chats = spans.filter(({ name }) => name === 'chat').map(({ attributes }) => attributes);
    expect(chats).toMatchObject([
      { ...place, 'gen_ai.request.model': 'm-1', 'helix.step': 1, 'helix.attempt': 1 },
      {
        ...place,
        'helix.step': 1,
        'helix.attempt': 2,
        'gen_ai.response.model': 'm-1-2026',
        'gen_ai.usage.input_tokens': 3,
        'gen_ai.usage.output_tokens': 4,
        'gen_ai.usage.cache_read.input_tokens': 2,
        'gen_ai.usage.cache_creation.input_tokens': 1,
      },
      { ...place, 'helix.step': 2, 'helix.attempt': 1 },
    ]);
    // Tokens that nobody counted are not none.
    expect(chats[2]).not.toHaveProperty(['gen_ai.usage.input_tokens']);
    expect(spans.find(({ name }) => name === 'execute_tool')?.attributes).toMatchObject({ ...place, 'helix.step': 1 });
  });

  it('says of each commit what it is for', async () => {
    const busy = { type: 'error' as const, error: new HelixError('provider_overloaded', 'busy') };
    const { spans, executor } = traced(
      new MockLLMAdapter([busy, calls(['broken', {}], ['alone', {}]), answers('Done')]),
    );
    const alone = defineTool({ ...broken, name: 'alone', sequential: true, outputSchema: z.never() });
    const patient = defineAgent({ name: 'a', systemPrompt: '', tools: [broken, alone] });
    await (await executor.execute(patient, 'Hi', { sessionId: 's' })).result();
    const commits = spans.flatMap(({ attributes }) => attributes['helix.commit'] ?? []);
    expect(commits).toEqual(['entry', 'failure', 'reply', 'claim', 'results', 'end']);
  });

  it('ends the span of a model call that throws, with its error', async () => {
    const fails = { generateStep: () => Promise.reject(new Error('no')) };
    const { spans, executor } = traced(fails);
    expect(await (await executor.execute(agent, 'Hi')).result()).toMatchObject({ status: 'failed' });
    const chat = spans.find(({ name }) => name === 'chat');
    expect(chat).toMatchObject({ ends: 1, error: { code: 'provider_error' } });
  });

  it.each(['entry', 'reply'])(
    'ends the span of a commit that the store refuses, with its error: %s',
    async (purpose) => {
      const store = new InMemoryStateStore();
      const commit = store.commit.bind(store);
      store.commit = async (sessionId, given) => {
        const isMeant = purpose === 'entry' ? given.run?.op === 'start' : given.head?.step?.op === 'reply';
        if (isMeant) throw new HelixError('input_invalid', 'no store holds this');
        return commit(sessionId, given);
      };
      const { spans, executor } = traced(new MockLLMAdapter([calls(['broken', {}])]), store);
      const handle = await executor.execute(agent, 'Hi').catch(() => null);
      await handle?.result();
      const refused = spans.filter(({ error }) => error !== undefined);
      expect(refused).toMatchObject([{ name: 'commit', error: { code: 'input_invalid' } }]);
      expect(refused[0]?.attributes).toMatchObject({ 'helix.commit': purpose });
      expect(spans.every(({ ends }) => ends === 1)).toBe(true);
    },
  );

  describe('of a session that its owner left', () => {
    async function left() {
      const store = new InMemoryStateStore();
      const { begun, hang } = hanging();
      const deaf = defineAgent({ name: 'a', systemPrompt: '', tools: [action('deaf', hang, { replay: 'never' })] });
      const { executor } = traced(new MockLLMAdapter([calls(['deaf', {}])]), store);
      await executor.execute(deaf, 'Hi', { sessionId: 's' });
      await begun;
      await executor.close();
      return { store, deaf, ...traced(new MockLLMAdapter([answers('Done')]), store) };
    }
    type Left = Awaited<ReturnType<typeof left>>;
    const ways: [string, (from: Left) => Promise<unknown>][] = [
      ['goes on with it', async ({ executor, deaf }) => (await executor.getHandle(deaf, 's'))?.result()],
      [
        'begins a turn in its place',
        async ({ executor, deaf }) => (await executor.execute(deaf, 'On', { sessionId: 's' })).result(),
      ],
    ];

    it.each(ways)('shows how the next one took it over that %s', async (_, comes) => {
      const from = await left();
      await comes(from);
      const takeovers = from.spans.filter(({ attributes }) => attributes['helix.commit'] === 'takeover');
      expect(takeovers).toMatchObject([{ name: 'commit', attributes: { 'gen_ai.conversation.id': 's' }, ends: 1 }]);
      expect(takeovers[0]).not.toHaveProperty('error');
    });

    it.each(ways)('shows why the next one could not take it over that %s', async (_, comes) => {
      const from = await left();
      from.store.claim = () => Promise.reject(new HelixError('state_store_unavailable', 'gone'));
      void comes(from).catch(() => {});
      const failed = {
        attributes: { 'helix.commit': 'takeover' },
        ends: 1,
        error: { code: 'state_store_unavailable' },
      };
      await expect.poll(() => from.spans[0]).toMatchObject(failed);
      await from.executor.close();
    });
  });

  it('ends the span of a tool whose lease was lost', async () => {
    const { begun, hang } = hanging();
    const deaf = action('deaf', hang);
    const { spans, executor } = traced(new MockLLMAdapter([calls(['deaf', {}])]));
    await executor.execute(defineAgent({ name: 'a', systemPrompt: '', tools: [deaf] }), 'Hi');
    await begun;
    await executor.close();
    await expect
      .poll(() => spans.find(({ name }) => name === 'execute_tool'))
      .toMatchObject({ ends: 1, error: { code: 'state_lease_lost' } });
  });

  it('ends the span of a tool that a stop left behind', async () => {
    const { begun, hang } = hanging();
    const deaf = action('deaf', hang);
    const { spans, executor } = traced(new MockLLMAdapter([calls(['deaf', {}])]));
    const handle = await executor.execute(defineAgent({ name: 'a', systemPrompt: '', tools: [deaf] }), 'Hi');
    await begun;
    await handle.interrupt();
    await handle.result();
    expect(spans.find(({ name }) => name === 'execute_tool')).toMatchObject({ ends: 1 });
  });
});

describe('spans that the work itself starts', () => {
  /** Names of the spans that were active as the model and the tool began, with an instrumentation of which only `within` is of interest. */
  async function activeIn(within: (active: AsyncLocalStorage<string>, name: string) => Span['within']) {
    const active = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const scripted = new MockLLMAdapter([calls(['look', {}]), answers('Done')]);
    const llm: LLMAdapter = {
      generateStep: (input) => {
        seen.push(active.getStore());
        return scripted.generateStep(input);
      },
    };
    const look = action('look', () => {
      seen.push(active.getStore());
      return 'seen';
    });
    const instrumentation: Instrumentation = {
      startSpan: (name) => ({
        set: () => {},
        end: () => {},
        within: within(active, name) as NonNullable<Span['within']>,
      }),
    };
    const logged: string[] = [];
    const executor = new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), llm, {
      instrumentation,
      logger: { log: (_, message) => logged.push(message) },
    });
    const looker = defineAgent({ name: 'a', systemPrompt: '', tools: [look] });
    const { status } = await (await executor.execute(looker, 'Hi')).result();
    return { seen, status, logged };
  }

  it('are within that of their model call or tool', async () => {
    const { seen, status } = await activeIn((active, name) => (work) => active.run(name, work));
    expect({ seen, status }).toEqual({ seen: ['chat', 'execute_tool', 'chat'], status: 'completed' });
  });

  it.each<[string, Span['within']]>([
    [
      'throws',
      () => {
        throw new Error('no collector');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no collector'))],
    ['does not begin it', () => new Promise(() => {})],
    ['begins it late', async (work) => nextTurn().then(work)],
    ['begins it twice', (work) => work().then(work)],
    ['answers something else', (work) => work().then(() => null as never)],
  ])('an instrumentation that %s harms no work, which is done once', async (_, within) => {
    const { seen, status } = await activeIn(() => within);
    expect({ seen, status }).toEqual({ seen: [undefined, undefined, undefined], status: 'completed' });
  });
});
