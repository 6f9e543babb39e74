// Would catch: a bad call that ends the run, two results for one call, siblings that lose each other's writes.
import {
  defineAgent,
  defineTool,
  HelixError,
  maxNesting,
  type AgentHooks,
  type Limits,
  type StepResult,
  type Tool,
  type ToolContext,
} from '@helix-agents/core';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, collect, gate, inMemory, note, outcomes, plain } from '../test/harness.ts';

const state = z.object({ notes: z.array(z.string()).default([]), total: z.number().default(0) });
type State = z.infer<typeof state>;

const add = defineTool({
  name: 'add',
  description: 'Adds to the total and answers it.',
  inputSchema: z.object({ by: z.number() }),
  execute: ({ by }, { updateState, getState }) => {
    updateState<State>((draft) => {
      draft.total += by;
    });
    return getState<State>().total;
  },
});

async function run(
  script: readonly StepResult[],
  tools: readonly Tool[] = [note, add],
  options: Partial<Parameters<typeof defineAgent>[0]> = {},
  limits: Partial<Limits> = { maxResultBytes: 100, maxArgumentsBytes: 100, maxCallsPerStep: 4 },
) {
  const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema: state, tools, ...options });
  const made = inMemory([...script, answers('end')], { limits });
  const handle = await made.executor.execute(agent, 'Hi', { sessionId: 's' });
  const result = await handle.result();
  return {
    ...made,
    handle,
    result,
    outcomes: outcomes(await made.store.messagesAfter('s', 0)),
    state: (await handle.getState<State>()).customState,
  };
}

it('a tool is told who the session is about, in each turn, and not by the model', async () => {
  const seen: unknown[] = [];
  const look = action('look', ({ userId, tags, metadata }) => void seen.push({ userId, tags, metadata }));
  const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [look] });
  const { executor } = inMemory([
    calls(['look', {}]),
    answers('end'),
    calls(['look', { userId: 'bob' }]),
    answers('end'),
  ]);
  const identity = { userId: 'ann', tags: ['trial'], metadata: { plan: 'free' } };
  await (await executor.execute(agent, 'Hi', { sessionId: 's', ...identity })).result();
  await (await executor.execute(agent, 'Again', { sessionId: 's' })).result();
  expect(seen).toEqual([identity, identity]);
});

describe('a call that cannot be carried out is answered, and the run goes on', () => {
  const failing = action('failing', () => Promise.reject(new Error('no luck')));
  const large = action('large', () => 'x'.repeat(200));
  const wrong = defineTool({
    name: 'wrong',
    description: 'x',
    inputSchema: z.object({}),
    outputSchema: z.object({ a: z.string() }),
    execute: () => ({ a: 1 }) as never,
  });

  const limited = action('limited', () => Promise.reject(new HelixError('provider_rate_limited', 'slow down')));

  it.each<[string, StepResult, string, string]>([
    ['an unknown tool', calls(['nothing', {}]), 'tool_not_found', 'there is no tool "nothing"'],
    ['wrong arguments', calls(['add', { by: 'two' }]), 'tool_input_invalid', 'by: '],
    ['arguments that are too large', calls(['note', { text: 'x'.repeat(200) }]), 'tool_limit_exceeded', 'at most 100'],
    [
      'malformed arguments',
      { type: 'tool_calls', toolCalls: [{ id: 'c', name: 'add', arguments: '{', malformed: 'no JSON' }] },
      'tool_input_invalid',
      'no JSON',
    ],
    ['a body that throws', calls(['failing', {}]), 'tool_failed', 'no luck'],
    ['a result that is too large', calls(['large', {}]), 'tool_limit_exceeded', 'at most 100'],
    ['a result of the wrong shape', calls(['wrong', {}]), 'tool_output_invalid', 'wrong returned'],
    ['a body that passes on an error of ours', calls(['limited', {}]), 'tool_failed', 'slow down'],
  ])('%s', async (_name, step, code, message) => {
    const made = await run([step], [note, add, failing, large, wrong, limited]);
    expect(made.result).toMatchObject({ status: 'completed', output: 'end' });
    expect(made.outcomes).toMatchObject([
      { type: 'error', error: { code, message: expect.stringContaining(message) } },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['an object without a prototype', Object.assign(Object.create(null), { code: 42 }), '{"code":42}'],
    ['what cannot be read', { code: 42n }, 'something was thrown that cannot be read'],
    [
      'ours with no data for details',
      new HelixError('tool_failed', 'no luck', { details: { at: 42n as never } }),
      'no luck',
    ],
  ])('a body that throws %s', async (_, thrown, message) => {
    const throws = action('throws', () => Promise.reject(thrown as Error));
    const made = await run([calls(['throws', {}])], [throws]);
    expect(made.result).toMatchObject({ status: 'completed', output: 'end' });
    expect(made.outcomes).toMatchObject([{ type: 'error', error: { code: 'tool_failed', message } }]);
  });

  it('a failure that says more than a model should read: a page of HTML, an issue for each of a thousand items', async () => {
    const page = action('page', () => Promise.reject(new Error('<p>'.repeat(1_000_000))));
    const inputSchema = z.object({ ids: z.array(z.number()) });
    const items = defineTool({ name: 'items', description: 'x', inputSchema, execute: () => 'done' });
    const asked = calls(['page', {}], ['items', { ids: Array.from({ length: 10_000 }, () => 'x') }]);
    const made = await run([asked], [page, items], {}, {});
    expect(made.result).toMatchObject({ status: 'completed', output: 'end' });
    const said = made.outcomes.map((outcome) => (outcome.type === 'error' ? outcome.error.message : ''));
    expect(said).toEqual([
      expect.stringMatching(/^<p>.* … and 2990000 characters more$/),
      expect.stringMatching(/^ids\.0: .* … and \d+ characters more$/),
    ]);
    expect(said.every(({ length }) => length < 10_100)).toBe(true);
  });

  it('more calls than a reply may hold', async () => {
    const made = await run([calls(...Array.from({ length: 6 }, () => ['add', { by: 1 }] as const))]);
    expect(made.outcomes.map(({ type }) => type)).toEqual(['result', 'result', 'result', 'result', 'error', 'error']);
  });
});

describe('schemas that take their time', () => {
  const slow = (name: string, asked: (by: number) => Promise<boolean>) =>
    defineTool({
      name,
      description: 'x',
      inputSchema: z.object({ by: z.number() }).refine(({ by }) => asked(by), 'refused'),
      execute: ({ by }) => by,
    });

  it('are asked about the calls of one reply side by side', async () => {
    const both = gate();
    const told: string[] = [];
    const asks = (name: string) =>
      slow(name, async () => {
        told.push(name);
        if (new Set(told).size === 2) both.resolve();
        await both.promise;
        return true;
      });
    const made = await run([calls(['one', { by: 1 }], ['two', { by: 2 }])], [asks('one'), asks('two')]);
    expect(made.outcomes).toMatchObject([{ value: 1 }, { value: 2 }]);
  });

  it('refuse the calls that they are asked about, and no others', async () => {
    const picky = slow('picky', async (by) => (await Promise.resolve(by)) > 1);
    const made = await run([calls(['picky', { by: 1 }], ['picky', { by: 2 }])], [picky]);
    expect(made.outcomes).toMatchObject([{ error: { code: 'tool_input_invalid', message: 'refused' } }, { value: 2 }]);
  });
});

class Row {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

describe('what a tool gives that JSON cannot hold', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const unfit: [string, unknown, string][] = [
    ['a bigint', { n: 10n }, 'a bigint at /n, which JSON cannot hold'],
    ['NaN', { n: [Number.NaN] }, 'NaN at /n/0, which JSON cannot hold'],
    ['a map', new Map(), 'an instance of Map, which JSON cannot hold'],
    ['an error', { e: new Error('x') }, 'an instance of Error at /e, which JSON cannot hold'],
    ['a function', { f: () => 1 }, 'a function at /f, which JSON cannot hold'],
    ['a cycle', cycle, 'a cycle at /0, which JSON cannot hold'],
    [
      'what fails where it is read',
      {
        get x() {
          throw new Error('closed');
        },
      },
      'what cannot be read: closed',
    ],
  ];
  const give = (execute: (context: ToolContext) => unknown) => action('give', (context) => execute(context));

  it.each(
    unfit.flatMap(([name, value, problem]): [string, (context: ToolContext) => unknown, string][] => [
      [
        `${name} as its result`,
        () => value,
        `give returned ${problem}. The tool has run: a further call runs it again.`,
      ],
      [`${name} as an event`, ({ emit }) => emit('x', value), `the event x has ${problem}`],
      [`${name} as usage`, ({ recordUsage }) => recordUsage('x', value), `the usage x has ${problem}`],
    ]),
  )('fails the call with what it is, and where: %s', async (_name, execute, message) => {
    const made = await run([calls(['give', {}])], [give(execute)]);
    expect(made.outcomes).toMatchObject([{ type: 'error', error: { code: 'tool_output_invalid', message } }]);
    expect(made.result).toMatchObject({ status: 'completed' });
  });

  it.each([
    ['one of ours', new HelixError('provider_rate_limited', 'slow down')],
    ['one of the language', new TypeError('slow down')],
  ])('an error that is returned fails the call, and is no result of it: %s', async (_name, error) => {
    const made = await run([calls(['give', {}])], [give(() => error)]);
    const message =
      'give returned an error, which it must throw: slow down. The tool has run: a further call runs it again.';
    expect(made.outcomes).toMatchObject([{ type: 'error', error: { code: 'tool_output_invalid', message } }]);
  });

  it.each<[string, unknown, unknown]>([
    ['a date is its text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['nothing is null', undefined, null],
    ['a member that is not there is left out', { a: undefined, b: 1 }, { b: 1 }],
    ['a row is its fields', new Row(1), { id: 1 }],
  ])('is not what JSON has a word for: %s', async (_name, given, value) => {
    expect((await run([calls(['give', {}])], [give(() => given)])).outcomes).toEqual([{ type: 'result', value }]);
  });

  it.each<[string, (context: ToolContext) => unknown, string]>([
    ['an event', ({ emit }) => emit('x', 'y'.repeat(200)), 'the event x has 202 bytes; at most 100 are kept'],
    [
      'usage',
      ({ recordUsage }) => recordUsage('x', 'y'.repeat(200)),
      'the usage x has 202 bytes; at most 100 are kept',
    ],
  ])('nor too large to be kept: %s that is fails the call', async (_name, execute, message) => {
    const made = await run([calls(['give', {}])], [give(execute)]);
    expect(made.outcomes).toMatchObject([{ type: 'error', error: { code: 'tool_limit_exceeded', message } }]);
  });
});

describe('a body that forgot to wait', () => {
  it.each<[string, (context: ToolContext) => unknown]>([
    ['updateState', ({ updateState }) => updateState<State>((draft) => void (draft.total = 7))],
    ['emit', ({ emit }) => emit('late', 1)],
    ['recordUsage', ({ recordUsage }) => recordUsage('late', 1)],
  ])('is told so by %s, which would keep nothing', async (what, late) => {
    let told: unknown;
    const forgets = action('forgets', (context) => {
      void new Promise((resolve) => setTimeout(resolve))
        .then(() => late(context))
        .catch((error: unknown) => (told = error));
      return 'ok';
    });
    const made = await run([calls(['forgets', {}])], [forgets]);
    await expect
      .poll(() => told)
      .toMatchObject({
        code: 'tool_body_ended',
        message: expect.stringContaining(what),
      });
    expect(made.state.total).toBe(0);
  });
});

describe('data that is nested deeply', () => {
  const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  const give = defineTool({
    name: 'give',
    description: 'x',
    inputSchema: z.object({ how: z.string(), levels: z.number(), data: z.unknown() }),
    execute: ({ how, levels }, { emit, recordUsage, updateState }) => {
      if (how === 'result') return nested(levels);
      if (how === 'event') emit('deep', nested(levels));
      if (how === 'usage') recordUsage('deep', nested(levels));
      if (how === 'state') updateState<{ deep?: unknown }>((draft) => void (draft.deep = nested(levels)));
      return null;
    },
  });
  const asked = (how: string, levels: number) =>
    calls(['give', { how, levels, data: how === 'arguments' ? nested(levels - 1) : null }]);
  const stateSchema = z.object({ total: z.number().default(0), deep: z.unknown().optional() });
  const limits = { maxArgumentsBytes: 1_000_000, maxResultBytes: 1_000_000 };

  it.each(['result', 'arguments', 'event', 'usage', 'state'])('as a %s is kept up to the limit', async (how) => {
    const {
      outcomes: [outcome],
      result,
    } = await run([asked(how, maxNesting)], [give], { stateSchema }, limits);
    expect(outcome).toMatchObject({ type: 'result' });
    expect(result.status).toBe('completed');
  });

  it.each(
    ['result', 'arguments', 'event', 'usage', 'state'].flatMap((how) =>
      [maxNesting + 1, 3_000, 50_000].map((levels) => [how, levels] as const),
    ),
  )('as a %s of %i levels fails its call, and the run goes on', async (how, levels) => {
    const {
      outcomes: [outcome],
      result,
    } = await run([asked(how, levels)], [give], { stateSchema }, limits);
    const code = how === 'state' ? 'tool_failed' : 'tool_limit_exceeded';
    expect(outcome).toMatchObject({ type: 'error', error: { code } });
    expect(result).toMatchObject({ status: 'completed', output: 'end' });
  });
});

describe('ids of calls', () => {
  it('stay unique where a provider repeats them, in stream, transcript and ledger alike', async () => {
    const twice = calls(['add', { by: 1 }]);
    const { store, handle } = await run([twice, twice, twice]);
    const parts = (await store.messagesAfter('s', 0)).flatMap((message) => message.parts);
    const ids = (type: string) =>
      parts.flatMap((part) => (part.type === type && 'toolCallId' in part ? [part.toolCallId] : []));
    expect(ids('tool-call')).toEqual(['call_1', 'call_1_2', 'call_1_3']);
    expect(ids('tool-result')).toEqual(ids('tool-call'));
    const streamed = (await collect(await handle.stream())).flatMap((chunk) =>
      chunk.type === 'tool_start' ? [chunk.toolCallId] : [],
    );
    expect(streamed).toEqual(ids('tool-call'));
  });

  it('are made unique also within one reply: each call runs with its own arguments, and gets its own result', async () => {
    const twice = [2, 3].map((by) => ({ id: 'call', name: 'add', arguments: { by } }));
    const parts = [2, 3].map((by) => {
      return { type: 'tool-call', toolCallId: 'call', toolName: 'add', input: { by } } as const;
    });
    for (const reply of [{}, { parts }]) {
      const { store } = await run([{ type: 'tool_calls', toolCalls: twice, ...reply }, answers('end')]);
      const messages = await store.messagesAfter('s', 0);
      expect(messages[1]?.parts).toMatchObject([
        { toolCallId: 'call', input: { by: 2 } },
        { toolCallId: 'call_2', input: { by: 3 } },
      ]);
      expect(outcomes(messages)).toEqual([2, 3].map((value) => ({ type: 'result', value })));
      expect((await store.load('s'))?.state).toMatchObject({ total: 3 });
    }
  });
});

describe('sequential tools', () => {
  /** Answers the total that it began with, and adds to it once the event loop went round. */
  const counting = (name: string, sequential: boolean, told: string[]) =>
    action(
      name,
      async ({ getState, updateState, toolCallId }) => {
        told.push(`${toolCallId} begins`);
        await new Promise((resolve) => setTimeout(resolve));
        updateState<State>((draft) => void (draft.total += 1));
        told.push(`${toolCallId} ends`);
        return getState<State>().total;
      },
      { sequential },
    );

  it.each([[['alone', 'alone']], [['beside', 'alone']], [['alone', 'beside']]])(
    'run with no other call beside them, and see the writes before them: %j',
    async (names) => {
      const told: string[] = [];
      const tools = [counting('alone', true, told), counting('beside', false, told)];
      const made = await run([calls(...names.map((name) => [name, {}] as const))], tools);
      expect(told).toEqual(['call_1 begins', 'call_1 ends', 'call_2 begins', 'call_2 ends']);
      expect(made.outcomes).toMatchObject([{ value: 1 }, { value: 2 }]);
      expect(made.state.total).toBe(2);
    },
  );
});

describe('writes of calls that run side by side', () => {
  const three = calls(['note', { text: 'a' }], ['note', { text: 'b' }], ['add', { by: 2 }], ['add', { by: 3 }]);

  it('are merged by the reducers of their fields', async () => {
    expect((await run([three], [note, add], { reducers: { notes: 'append', total: 'sum' } })).state).toEqual({
      notes: ['a', 'b'],
      total: 5,
    });
  });

  it('follow the later call where nothing else is said', async () => {
    expect((await run([three])).state).toEqual({ notes: ['b'], total: 3 });
  });

  it('all build on the state at the start of the step', async () => {
    const made = await run([calls(['add', { by: 2 }], ['add', { by: 3 }])]);
    expect(made.outcomes).toMatchObject([{ value: 2 }, { value: 3 }]);
  });

  it('add up once where later calls build on earlier ones', async () => {
    const reply = calls(['add', { by: 2 }], ['add', { by: 3 }], ['add', { by: 4 }]);
    const made = await run([reply], [add], { toolExecution: 'sequential', reducers: { total: 'sum' } });
    expect(made.outcomes).toMatchObject([{ value: 2 }, { value: 5 }, { value: 9 }]);
    expect(made.state).toMatchObject({ total: 9 });
  });

  it('see each other where the calls run one after the other', async () => {
    const made = await run([calls(['add', { by: 2 }], ['add', { by: 3 }], ['note', { text: 'a' }])], [note, add], {
      toolExecution: 'sequential',
    });
    expect(made.outcomes).toMatchObject([{ value: 2 }, { value: 5 }, { value: 'kept a' }]);
    expect(made.state).toEqual({ notes: ['a'], total: 5 });
  });
});

describe('what foreign code keeps', () => {
  it('is not part of the record: its later changes change nothing, and it is not frozen', async () => {
    const metadata = { plan: 'free' };
    const tags = ['one'];
    const providerMetadata = { p: { uses: 0 } };
    const reply: StepResult = { type: 'text', content: 'a', parts: [{ type: 'text', text: 'a', providerMetadata }] };
    const agent = defineAgent({ name: 'a', systemPrompt: '', hooks: { onMessage: () => {} } });
    const { executor, store } = inMemory([reply]);
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's', metadata, tags });
    await handle.result();
    await store.load('s');
    metadata.plan = 'paid';
    tags.push('two');
    providerMetadata.p.uses = 7;
    expect((await store.load('s'))?.identity).toEqual({ metadata: { plan: 'free' }, tags: ['one'] });
    expect((await store.messagesAfter('s', 1))[0]?.parts).toEqual([
      { type: 'text', text: 'a', providerMetadata: { p: { uses: 0 } } },
    ]);
  });
});

describe('the record', () => {
  it('holds of a reply, and of a failed one, what its type says and nothing else', async () => {
    const made = inMemory([{ type: 'error', error: new HelixError('provider_error', 'no') }, answers('ok')], {
      limits: { backoffMs: 1 },
    });
    const committed = vi.spyOn(made.store, 'commit');
    await (await made.executor.execute(plain, 'Hi')).result();
    const steps = committed.mock.calls.flatMap(([, { head }]) =>
      head?.step ? [Object.keys(head.step).toSorted()] : [],
    );
    expect(steps).toEqual([
      ['attempt', 'error', 'mode', 'op', 'retryAt', 'step'],
      ['attempt', 'calls', 'mode', 'op', 'step', 'verdict'],
    ]);
  });

  it('cannot be changed by hooks and tools through what they are given', async () => {
    const tampered: string[] = [];
    const tamper = (name: string, change: () => unknown) => {
      try {
        change();
        tampered.push(name);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    };
    const hooks: AgentHooks = {
      onMessage: ({ message }) => tamper('message', () => ((message.parts as unknown[])[0] = null)),
      beforeTool: ({ input }) => tamper('input', () => ((input as { text: string }).text = 'forged')),
      afterTool: ({ outcome }) => tamper('outcome', () => ((outcome as { value: unknown }).value = 'forged')),
      onStateChange: (change) => tamper('state', () => (change.state as { notes: string[] }).notes.push('forged')),
    };
    const peek = action('peek', ({ getState }) =>
      tamper('getState', () => getState<{ notes: string[] }>().notes.push('forged')),
    );
    const made = await run([calls(['note', { text: 'a' }], ['peek', {}])], [note, peek], { hooks });
    expect(tampered).toEqual([]);
    expect(made.state).toEqual({ notes: ['a'], total: 0 });
    expect(made.outcomes[0]).toMatchObject({ type: 'result', value: 'kept a' });
  });
});

describe('a custom event', () => {
  it('stands in the stream between the start and the end of its call', async () => {
    const emits = action('emits', ({ emit }) => emit('progress', { done: 1 }));
    const { handle } = await run([calls(['emits', {}])], [emits]);
    const types = (await collect(await handle.stream())).map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['tool_start', 'custom', 'tool_end']);
  });
});

it('a session without a state schema takes the writes of its tools', async () => {
  const made = inMemory([calls(['note', { text: 'a' }]), answers('end')]);
  const result = await (await made.executor.execute(plain, { message: 'Hi', state: { notes: [] } })).result();
  expect(result.status).toBe('completed');
});
