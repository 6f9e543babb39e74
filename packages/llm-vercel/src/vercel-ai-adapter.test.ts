// Would catch: an agent that hangs on a model which listens to nothing, or fails without saying what to set.
import {
  APICallError,
  InvalidResponseDataError,
  NoSuchModelError,
  type LanguageModelV3,
  type LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { FakeClock } from '@helix-agents/core/testing';
import { describe, expect, test } from 'vitest';
import { ask, callbacksLog, inputOf, record, user } from '../test/ask.ts';
import { finish, mockModel, noTokens, streamOf } from '../test/mock-model.ts';
import type { ModelWarning } from './adapter-options.ts';
import { VercelAIAdapter } from './vercel-ai-adapter.ts';

const hello: LanguageModelV4StreamPart[] = [
  { type: 'text-start', id: '0' },
  { type: 'text-delta', id: '0', delta: 'Hello' },
];

test('a misspelt option is refused, with the one that was meant', () => {
  const misspelt = { stream: false, idleTimeout: 5 };
  expect(() => new VercelAIAdapter({ idleTimeout: 5 } as object)).toThrow('did you mean idleTimeoutMs?');
  expect(() => new VercelAIAdapter(misspelt as object)).toThrow('stream is unknown');
});

/** As a registry of the AI SDK says it. */
function unknownModel(modelId: string): never {
  throw new NoSuchModelError({ modelId, modelType: 'languageModel' });
}

describe('the model', () => {
  test('llmConfig.model goes before the adapter own', async () => {
    const [mine, adapters] = [mockModel([finish]), mockModel([finish])];
    await new VercelAIAdapter({ model: adapters }).generateStep(inputOf({ config: { model: mine } }));
    expect([mine.asked.length, adapters.asked.length]).toEqual([1, 0]);
  });

  test('an id is resolved', async () => {
    const model = mockModel([finish]);
    const adapter = new VercelAIAdapter({ resolveModel: (id) => (id === 'mock:1' ? model : undefined) });
    expect(await adapter.generateStep(inputOf({ config: { model: 'mock:1' } }))).toMatchObject({ type: 'text' });
  });

  test.each([
    [undefined, {}, 'agent_invalid', 'llmConfig.model is missing'],
    ['mock:1', {}, 'agent_invalid', 'resolveModel'],
    ['mock:1', { resolveModel: () => undefined }, 'provider_model_not_found', 'mock:1'],
    ['mock:1', { resolveModel: unknownModel }, 'provider_model_not_found', 'No such languageModel: mock:1'],
    [{ specificationVersion: 'v2' }, {}, 'framework_not_supported', "update the provider's package"],
    [42, {}, 'agent_invalid', 'must be an AI SDK language model'],
  ])('%j with %j is refused with %s, and says what to do', async (model, options, code, message) => {
    const adapter = new VercelAIAdapter(options);
    const result = await adapter.generateStep(inputOf({ config: { model } }));
    expect(result).toMatchObject({
      type: 'error',
      error: { code, message: expect.stringContaining(message) as string },
    });
    expect(adapter.checkCompletionSupport({ model })).toMatchObject({ supported: false });
  });

  test.each([true, false])(
    'one of specification v3 gets and gives files as it knows them: streaming %s',
    async (streaming) => {
      const asked: unknown[] = [];
      const given = { type: 'file', mediaType: 'image/gif', data: 'R0lG' } as const;
      const { finishReason, usage } = finish as Extract<LanguageModelV4StreamPart, { type: 'finish' }>;
      const whole = { content: [{ type: 'text', text: 'Hello' }, given], finishReason, usage, warnings: [] };
      const v3: LanguageModelV3 = {
        specificationVersion: 'v3',
        provider: 'old',
        modelId: 'old-1',
        supportedUrls: {},
        doGenerate: ({ prompt }) => {
          asked.push(prompt.at(-1)?.content);
          return Promise.resolve(whole as Awaited<ReturnType<LanguageModelV3['doGenerate']>>);
        },
        doStream: ({ prompt }) => {
          asked.push(prompt.at(-1)?.content);
          const parts = [...hello, given, finish] as LanguageModelV4StreamPart[];
          return Promise.resolve({
            stream: streamOf(parts) as Awaited<ReturnType<LanguageModelV3['doStream']>>['stream'],
          });
        },
      };
      const message = record('user', { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,AAAA' });
      const result = await new VercelAIAdapter({ model: v3, streaming }).generateStep(inputOf({ messages: [message] }));
      const parts = [{ type: 'text' }, { type: 'file', mediaType: 'image/gif', url: 'data:image/gif;base64,R0lG' }];
      expect(result).toMatchObject({ type: 'text', content: 'Hello', parts });
      expect(asked).toEqual([[{ type: 'file', mediaType: 'image/png', data: 'AAAA' }]]);
    },
  );

  test('one that calls no tools cannot complete with a typed output', () => {
    const adapter = new VercelAIAdapter({ model: mockModel([]) });
    expect(adapter.checkCompletionSupport({})).toEqual({ supported: true });
    const legacy = mockModel([], { provider: 'openai.completion' });
    expect(adapter.checkCompletionSupport({ model: legacy })).toMatchObject({ supported: false });
  });
});

describe('an end before the end', () => {
  test('an abort rejects with its reason, even where the model is deaf', async () => {
    const stop = new AbortController();
    const asked = ask(mockModel([], { doStream: () => new Promise(() => {}) }), { abortSignal: stop.signal });
    stop.abort('enough');
    await expect(asked).rejects.toBe('enough');
  });

  test('an abort before the call asks nobody', async () => {
    const model = mockModel([finish]);
    await expect(ask(model, { abortSignal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(model.asked).toEqual([]);
  });

  test('nothing is told behind an abort', async () => {
    const stop = new AbortController();
    const log = callbacksLog();
    const callbacks = { ...log.callbacks, onTextDelta: () => stop.abort('enough'), onThinking: expect.unreachable };
    const parts: LanguageModelV4StreamPart[] = [...hello, { type: 'reasoning-delta', id: '1', delta: 'x' }, finish];
    await expect(ask(mockModel(parts), { abortSignal: stop.signal, callbacks })).rejects.toBe('enough');
  });

  test.each([
    ['before the first word', [], 300_000],
    ['while it thinks', [{ type: 'reasoning-start', id: '0' } as const], 300_000],
    ['in the middle of a text', hello, 120_000],
  ])('silence %s is given up after its own time', async (_, parts, afterMs) => {
    const clock = new FakeClock();
    const asked = ask(mockModel(parts), { adapter: { clock } });
    await settled();
    await clock.advance(afterMs - 1);
    expect(await Promise.race([asked, settled('still waiting')])).toBe('still waiting');
    await clock.advance(1);
    expect(await asked).toMatchObject({ type: 'error', error: { code: 'provider_timeout', retryable: true } });
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['ten minutes', {}, 600_000],
    ['as long as its agent says', { timeoutMs: 5_000 }, 5_000],
  ])('a reply that does not come, in one piece, is given up after %s', async (_, config, afterMs) => {
    const clock = new FakeClock();
    const model = mockModel([], { doGenerate: () => new Promise(() => {}) });
    const asked = ask(model, { config, adapter: { clock, streaming: false } });
    await settled();
    await clock.advance(afterMs - 1);
    expect(await Promise.race([asked, settled('still waiting')])).toBe('still waiting');
    await clock.advance(1);
    expect(await asked).toMatchObject({ type: 'error', error: { code: 'provider_timeout', retryable: true } });
  });

  test('a whole reply leaves no timer behind', async () => {
    const clock = new FakeClock();
    await ask(mockModel([...hello, finish]), { adapter: { clock } });
    await settled();
    expect(clock.pending).toBe(0);
  });

  test('what follows a whole reply may take five seconds, then its connection is cut', async () => {
    const clock = new FakeClock();
    const model = mockModel([...hello, finish, { type: 'ping' }]);
    await ask(model, { adapter: { clock } });
    const { abortSignal } = model.asked[0] ?? {};
    await clock.advance(4_999);
    expect(abortSignal?.aborted).toBe(false);
    await clock.advance(1);
    expect(abortSignal?.aborted).toBe(true);
  });

  test('an abort lets go of a stream that does not hear of it', async () => {
    const stop = new AbortController();
    let cancelled = false;
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      start: (controller) => hello.forEach((part) => controller.enqueue(part)),
      cancel: () => void (cancelled = true),
    });
    const callbacks = { onTextDelta: () => stop.abort('enough') };
    const asked = ask(mockModel([], { doStream: () => Promise.resolve({ stream }) }), {
      abortSignal: stop.signal,
      callbacks,
    });
    await expect(asked).rejects.toBe('enough');
    await settled();
    expect(cancelled).toBe(true);
  });

  test('a call that is over leaves nothing on the signal of its run', async () => {
    const { signal } = new AbortController();
    let listening = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...of: Parameters<typeof add>) => {
      listening += 1;
      add(...of);
    };
    signal.removeEventListener = (...of: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...of);
    };
    await ask(mockModel([...hello, finish]), { abortSignal: signal });
    expect(listening).toBe(0);
  });

  test('a reply is whole at its finish, whatever the connection does', async () => {
    const ping: LanguageModelV4StreamPart = { type: 'ping' };
    expect(await ask(mockModel([...hello, finish, ping]), {})).toMatchObject({ type: 'text', content: 'Hello' });
  });
});

test('an end by an error is none, though the package does not know the word', async () => {
  const finishReason = { unified: 'other', raw: 'error' } as const;
  expect(await ask(mockModel([...hello, { type: 'finish', usage: noTokens, finishReason }]), {})).toMatchObject({
    error: { code: 'provider_error', retryable: true, message: 'the reply broke off before its end (error)' },
  });
});

test('an end that the package made up for a stream that broke off is none', async () => {
  const finishReason = { unified: 'other', raw: undefined } as const;
  const told = { type: 'error', error: { code: 'provider_error', retryable: true } };
  expect(await ask(mockModel([...hello, { type: 'finish', usage: noTokens, finishReason }]), {})).toMatchObject(told);
  const whole = { content: [{ type: 'text', text: 'Hello' }], finishReason, usage: noTokens, warnings: [] };
  const model = mockModel([], { doGenerate: () => Promise.resolve(whole as never) });
  expect(await ask(model, { adapter: { streaming: false } })).toMatchObject({ type: 'text', stopReason: 'other' });
});

test('an end with a reason is whole, also where the provider gave no words for it', async () => {
  const finishReason = { unified: 'stop', raw: undefined } as const;
  expect(await ask(mockModel([...hello, { type: 'finish', usage: noTokens, finishReason }]), {})).toMatchObject({
    type: 'text',
    stopReason: 'end_turn',
  });
});

test.each([
  [400, 'Thinking mode does not support this tool_choice'],
  [400, 'The tool_choice parameter does not support being set to required or object in thinking mode'],
  [
    400,
    "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any and try again.",
  ],
  [404, "No endpoints found that support the provided 'tool_choice' value. To learn more: https://x.test"],
])(
  'a model that refuses to be made to call a tool is asked again with the choice left to it: %i %s',
  async (statusCode, message) => {
    const responseBody = JSON.stringify({ error: { message, code: statusCode } });
    const refusal = new APICallError({
      message,
      url: 'https://x.test',
      requestBodyValues: {},
      statusCode,
      responseBody,
    });
    const choices: unknown[] = [];
    const model = mockModel([], {
      doStream: ({ toolChoice }) => {
        choices.push(toolChoice?.type);
        return toolChoice?.type === 'required'
          ? Promise.reject(refusal)
          : Promise.resolve({ stream: streamOf([finish]) });
      },
    });
    const adapter = new VercelAIAdapter({ model });
    const forced = inputOf({ toolChoice: 'required' });
    const atOnce = await Promise.all([adapter.generateStep(forced), adapter.generateStep(forced)]);
    for (const result of atOnce)
      expect(result).toMatchObject({ error: { details: { status: statusCode }, retryable: true, message } });
    expect(await adapter.generateStep(forced)).toMatchObject({ type: 'text' });
    expect(choices).toEqual(['required', 'required', 'auto']);
  },
);

test('that one model refuses to be made to call a tool says nothing of another, nor of its name at another provider', async () => {
  const message = 'no tool_choice while thinking';
  const refusal = new APICallError({ message, url: 'https://x.test', requestBodyValues: {}, statusCode: 400 });
  const refusing = mockModel([], { doStream: () => Promise.reject(refusal) });
  const others = [mockModel([finish], { modelId: 'mock-2' }), mockModel([finish], { provider: 'other' })];
  const adapter = new VercelAIAdapter();
  for (const model of [refusing, ...others])
    await adapter.generateStep(inputOf({ toolChoice: 'required', config: { model } }));
  for (const { asked } of others) expect(asked).toMatchObject([{ toolChoice: { type: 'required' } }]);
});

test('an outage that speaks of the choice is none of its refusals', async () => {
  const thrown = {
    message: 'tool_choice parser is down',
    url: 'https://x.test',
    requestBodyValues: {},
    statusCode: 500,
  };
  const choices: unknown[] = [];
  const model = mockModel([], {
    doStream: ({ toolChoice }) => {
      choices.push(toolChoice?.type);
      return Promise.reject(new APICallError(thrown));
    },
  });
  const adapter = new VercelAIAdapter({ model });
  for (let n = 0; n < 2; n++) await adapter.generateStep(inputOf({ toolChoice: 'required' }));
  expect(choices).toEqual(['required', 'required']);
});

test('a refusal of the choice that was not forced, or of something else, is not asked again', async () => {
  const refusing = (message: string) => {
    const error = new APICallError({ message, url: 'https://x.test', requestBodyValues: {}, statusCode: 400 });
    return mockModel([], { doStream: () => Promise.reject(error) });
  };
  const final = { error: { code: 'provider_invalid_request', retryable: false } };
  expect(await ask(refusing('tool_choice needs a parser'), { toolChoice: 'auto' })).toMatchObject(final);
  expect(await ask(refusing('temperature is too high'), { toolChoice: 'required' })).toMatchObject(final);
  const adapter = new VercelAIAdapter({ model: refusing('tool_choice needs a parser') });
  await adapter.generateStep(inputOf({ toolChoice: 'required' }));
  expect(await adapter.generateStep(inputOf({ toolChoice: 'required' }))).toMatchObject(final);
});

test('an answer that holds no event is told as that, also where the package fails over it', async () => {
  const answering = (type: string, error: unknown) => {
    const stream = streamOf([{ type: 'error', error }]);
    return mockModel([], {
      doStream: () => Promise.resolve({ stream, response: { headers: { 'content-type': type } } }),
    });
  };
  const noEnd = new InvalidResponseDataError({ data: {}, message: 'ended without a finish reason' });
  expect(await ask(answering('application/json', noEnd), {})).toMatchObject({
    error: { code: 'provider_bad_response', retryable: false },
  });
  expect(await ask(answering('text/event-stream', noEnd), {})).toMatchObject({
    error: { code: 'provider_bad_response', message: noEnd.message },
  });
  expect(await ask(answering('text/plain', { message: 'out of memory' }), {})).toMatchObject({
    error: { code: 'provider_error', message: 'out of memory' },
  });
  const response = { headers: { 'content-type': 'text/plain' } };
  const finishReason = { unified: 'interrupted', raw: undefined } as const;
  const lost: LanguageModelV4StreamPart = { type: 'finish', usage: noTokens, finishReason };
  const cut = mockModel([], { doStream: () => Promise.resolve({ stream: streamOf([...hello, lost]), response }) });
  expect(await ask(cut, {})).toMatchObject({ error: { code: 'provider_error', retryable: true } });
});

test('what a provider left out is told, not lost', async () => {
  const warned: unknown[] = [];
  const warnings = [{ type: 'unsupported', feature: 'topK' } as const];
  const model = mockModel([{ type: 'stream-start', warnings }, { type: 'custom', kind: 'mock.thing' }, finish]);
  await ask(model, { messages: [user('Hi')], adapter: { onWarning: ({ warning }) => warned.push(warning) } });
  expect(warned).toMatchObject([{ feature: 'topK' }, { feature: 'custom' }]);
});

test.each([true, false])(
  'sources are kept and told, and what is only cited is one: streaming %s',
  async (streaming) => {
    const source = (id: string, url: string) => ({ type: 'source', sourceType: 'url', id, url }) as const;
    const [read, cited] = [source('1', 'https://x.test/'), source('2', 'https://y.test/')];
    const citations = [{ source: source('https://x.test/', 'https://x.test/') }, { source: cited }, { source: cited }];
    const parts: LanguageModelV4StreamPart[] = [
      read,
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'A' },
      { type: 'text-end', id: '0', citations },
      finish,
    ];
    const content = [read, { type: 'text', text: 'A', citations }];
    const whole = { content, finishReason: { unified: 'stop', raw: 'stop' }, usage: noTokens, warnings: [] };
    const model = mockModel(parts, { doGenerate: () => Promise.resolve(whole as never) });
    const warned: unknown[] = [];
    const log = callbacksLog();
    const adapter = { streaming, onWarning: ({ warning }: ModelWarning) => warned.push(warning) };
    const kept = (sourceId: string, url: string) => ({ type: 'source', sourceType: 'url', sourceId, url });
    expect(await ask(model, { adapter, callbacks: log.callbacks })).toMatchObject({
      type: 'text',
      parts: [kept('1', 'https://x.test/'), { type: 'text', text: 'A' }, kept('2', 'https://y.test/')],
    });
    expect(log.heard.map(({ text }) => text)).toEqual(['https://x.test/', 'A', 'https://y.test/']);
    expect(warned).toEqual([]);
  },
);

test('tokens that nobody counted are not nought', async () => {
  expect(noTokens.inputTokens.total).toBeUndefined();
  expect(await ask(mockModel([finish]), {})).not.toHaveProperty('usage');
});

test.each([
  ['NaN', NaN],
  ['a text', '12'],
  ['below zero', -1],
  ['infinite', Infinity],
  ['null', null],
])('tokens that are %s were not counted', async (_, odd) => {
  const odds = { total: odd, noCache: odd, cacheRead: odd, cacheWrite: odd, text: odd, reasoning: odd } as never;
  const usageOf = (usage: Partial<typeof noTokens>, raw = {}) =>
    ask(mockModel([{ ...finish, usage: { ...noTokens, ...usage, raw } } as typeof finish]), {});
  const four = { ...noTokens.outputTokens, total: 4 };
  expect(await usageOf({ inputTokens: odds, outputTokens: odds })).not.toHaveProperty('usage');
  expect(await usageOf({ inputTokens: odds, outputTokens: four }, { total_tokens: odd })).toMatchObject({
    usage: { input: 0, output: 4, total: 4 },
  });
});

test('a time-out that is no time is refused by name', () => {
  expect(() => new VercelAIAdapter({ idleTimeoutMs: 0 })).toThrow('idleTimeoutMs');
});

/** Lets everything happen that waits for nothing outside. */
function settled<T>(value?: T): Promise<T | undefined> {
  return new Promise((resolve) => setTimeout(resolve, 5, value));
}
