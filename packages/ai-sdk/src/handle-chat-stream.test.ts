// Would catch: a chat that shows another text than the record, a piece twice or not at all after a reload, a withdrawn attempt
// that stays on the page, a refusal that comes as 200.
import {
  defineAgent,
  defineTool,
  HelixError,
  streamIdOf,
  type ErrorCode,
  type Json,
  type LLMGenerateInput,
  type StepResult,
} from '@helix-agents/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InMemoryStateStore } from '@helix-agents/store-memory';
import { assistant, inProcess, plain, refusedChunks, textOf, until, type Script } from '../test/chat-fixture.ts';
import { chatErrorOf } from './client/index.ts';
import { getUIMessages, handleChatReconnect, handleChatStream, type ChatSnapshot } from './index.ts';

const say = (input: LLMGenerateInput, text: string): void => {
  for (const word of text.match(/\S+\s*/g) ?? []) input.callbacks.onTextDelta?.(word);
};
const reply = (input: LLMGenerateInput, text: string): StepResult => {
  say(input, text);
  return { type: 'text', content: text };
};
const ask = (city: string, id = 'c1', content?: string): StepResult => ({
  type: 'tool_calls',
  ...(content !== undefined && { content }),
  toolCalls: [{ id, name: 'get_weather', arguments: { city } }],
});

/** Thinks, speaks, calls a tool, and speaks again. */
const twoSteps: Script = async (input, call) => {
  if (call % 2 === 0) return reply(input, 'The sky is clear.');
  const { callbacks } = input;
  callbacks.onThinking?.('Which ', false);
  callbacks.onThinking?.('city?', false);
  callbacks.onThinking?.('', true);
  say(input, 'Let me look. ');
  callbacks.onToolInputStart?.(`c${call}`, 'get_weather');
  callbacks.onToolInputDelta?.(`c${call}`, '{"city":');
  callbacks.onToolInputDelta?.(`c${call}`, '"Oslo"}');
  const step = ask('Oslo', `c${call}`, 'Let me look. ');
  return { ...step, thinking: { content: 'Which city?' } } as StepResult;
};

describe('useChat over the stream', () => {
  it('comes to the same message as the record, part by part, over two turns', async () => {
    const server = inProcess(twoSteps);
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Weather?' });
    await chat.sendMessage({ text: 'And again?' });
    expect(chat.status).toBe('ready');
    const { messages, status } = await server.snapshot('s1');
    expect(status).toBe('completed');
    expect(plain(chat.messages)).toEqual(plain(messages));
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(messages[1]?.parts.map(({ type }) => type)).toEqual([
      'step-start',
      'reasoning',
      'text',
      'tool-get_weather',
      'step-start',
      'text',
    ]);
    expect(await refusedChunks(server.seen)).toEqual([]);
    expect(server.seen.length).toBeGreaterThan(20);
  });

  it('shows a file of the model where it stands, also one that no single chunk could hold', async () => {
    const small = { type: 'file', mediaType: 'image/png', url: 'https://pictures.test/cat.png' } as const;
    const large = {
      type: 'file',
      mediaType: 'image/png',
      url: `data:image/png;base64,${'AAAA'.repeat(1_000_000)}`,
    } as const;
    const server = inProcess(async (input, call) => {
      const { callbacks } = input;
      say(input, 'Here: ');
      callbacks.onFile?.(large);
      if (call === 1) {
        await until(() => server.seen.some(({ type }) => type === 'file'));
        throw new HelixError('provider_overloaded', 'busy');
      }
      say(input, 'and there: ');
      callbacks.onFile?.(small);
      const parts = [{ type: 'text', text: 'Here: ' }, large, { type: 'text', text: 'and there: ' }, small] as const;
      return { type: 'text', content: 'Here: and there: ', parts };
    });
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Cats?' });
    const [, shown] = chat.messages;
    expect(shown?.parts.map(({ type }) => type)).toEqual(['step-start', 'text', 'file', 'text', 'file']);
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    expect(await refusedChunks(server.seen)).toEqual([]);
  });

  it('shows what a reply stands on, live and from the record alike', async () => {
    const page = {
      type: 'source',
      sourceType: 'url',
      sourceId: '1',
      url: 'https://rain.test/',
      title: 'Rain',
    } as const;
    const book = {
      type: 'source',
      sourceType: 'document',
      sourceId: '2',
      mediaType: 'application/pdf',
      title: 'B',
    } as const;
    const cited = { ...page, providerMetadata: { some: { index: 'of its provider' } } };
    const server = inProcess(async (input) => {
      const { callbacks } = input;
      callbacks.onSource?.(book);
      callbacks.onThinking?.('Hm', true);
      say(input, 'It ra');
      callbacks.onSource?.(cited);
      say(input, 'ins. ');
      say(input, 'Often.');
      const said = (text: string) => ({ type: 'text', text }) as const;
      const parts = [book, { type: 'reasoning', text: 'Hm' }, said('It rains. '), cited, said('Often.')] as const;
      return { type: 'text', content: 'It rains. Often.', parts };
    });
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Rain?' });
    const { messages } = await server.snapshot('s1');
    expect(messages[1]?.parts).toMatchObject([
      { type: 'step-start' },
      { type: 'source-document', sourceId: '2', mediaType: 'application/pdf', title: 'B' },
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'It rains. Often.' },
      { type: 'source-url', sourceId: '1', url: 'https://rain.test/', title: 'Rain' },
    ]);
    expect(plain(chat.messages)).toEqual(plain(messages));
    expect(JSON.stringify([server.seen, messages])).not.toContain('of its provider');
    expect(await refusedChunks(server.seen)).toEqual([]);
  });

  it('takes back what a superseded attempt streamed', async () => {
    const server = inProcess(async (input, call) => {
      if (call === 1) {
        input.callbacks.onThinking?.('Hm', false);
        say(input, 'This will never ');
        input.callbacks.onToolInputStart?.('x', 'get_weather');
        await until(() => textOf(chat.messages).includes('never'));
        throw new HelixError('provider_overloaded', 'busy');
      }
      return reply(input, 'Here is the answer.');
    });
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Hi' });
    expect(textOf(chat.messages)).toBe('Here is the answer.');
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    expect(server.seen.some(({ type }) => type === 'reset-step')).toBe(true);
    expect(await refusedChunks(server.seen)).toEqual([]);
  });

  it('keeps the steps before when an attempt of a later step is taken back', async () => {
    const server = inProcess(async (input, call) => {
      if (call === 1) return ask('Oslo', 'c1', 'Looking. ');
      if (call === 2) {
        say(input, 'Wrong');
        await until(() => textOf(chat.messages).includes('Wrong'));
        throw new HelixError('provider_overloaded', 'busy');
      }
      return reply(input, 'Clear.');
    });
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Hi' });
    expect(textOf(chat.messages)).toMatch(/\|?Clear\.$/);
    expect(plain((await server.snapshot('s1')).messages)).toMatchObject([
      {},
      { parts: [{}, { text: 'Looking. ' }, { output: { sky: 'clear' } }, {}, { text: 'Clear.' }] },
    ]);
  });

  it('lets go of a call that its reply did not complete', async () => {
    const server = inProcess(async (input, call) => {
      if (call === 3) return reply(input, 'Clear.');
      say(input, 'Let me look. ');
      input.callbacks.onToolInputStart?.('cut', 'get_weather');
      input.callbacks.onToolInputDelta?.('cut', '{"city":');
      await until(() => chat.messages.at(-1)?.parts.some(({ type }) => type === 'tool-get_weather') ?? false);
      if (call === 1) return { type: 'text', content: 'Let me look. ', stopReason: 'max_tokens' };
      input.callbacks.onToolInputStart?.('c1', 'get_weather');
      return ask('Oslo', 'c1', 'Let me look. ');
    });
    const chat = server.chat('s1');
    for (const text of ['Weather?', 'Try again.']) {
      await chat.sendMessage({ text });
      expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    }
    expect(plain(chat.messages)).toMatchObject([
      {},
      { parts: [{}, { text: 'Let me look. ' }] },
      {},
      {
        parts: [{}, { text: 'Let me look. ' }, { toolCallId: 'c1', state: 'output-available' }, {}, { text: 'Clear.' }],
      },
    ]);
    expect(await refusedChunks(server.seen)).toEqual([]);
  });

  it.each([
    ['max_tokens', 'Half of', 'length'],
    ['max_tokens', '', 'length'],
    ['other', 'Half of', 'other'],
  ] as const)(
    'says why the model stopped where it was not at its end: %s',
    async (stopReason, content, finishReason) => {
      const server = inProcess(async (input, call) =>
        call === 1 ? { type: 'text', content, stopReason } : reply(input, 'Whole.'),
      );
      const chat = server.chat('s1');
      await chat.sendMessage({ text: 'Hi' });
      await chat.sendMessage({ text: 'Go on' });
      const { messages } = await server.snapshot('s1');
      expect(messages.map(({ metadata }) => metadata)).toEqual([
        undefined,
        { helixStopReason: stopReason },
        undefined,
        undefined,
      ]);
      expect(messages[1]?.parts).toHaveLength(content === '' ? 1 : 2);
      expect(plain(chat.messages)).toEqual(plain(messages));
      const ends = server.seen.flatMap((chunk) => (chunk.type === 'finish' ? [chunk.finishReason] : []));
      expect(ends).toEqual([finishReason, 'stop']);
      expect(await refusedChunks(server.seen)).toEqual([]);
    },
  );

  it('shows the typed output of an agent that owes one, and no finish tool', async () => {
    const agent = defineAgent({ name: 'typed', systemPrompt: '', outputSchema: z.object({ answer: z.number() }) });
    const server = inProcess(async (input) => {
      input.callbacks.onToolInputStart?.('f', '__finish__');
      input.callbacks.onToolInputDelta?.('f', '{"answer":42}');
      return { type: 'tool_calls', toolCalls: [{ id: 'f', name: '__finish__', arguments: { answer: 42 } }] };
    }, agent as never);
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Hi' });
    const parts = [{ type: 'step-start' }, { type: 'data-helix-output', id: 'f', data: { answer: 42 } }];
    expect(plain(chat.messages)).toMatchObject([{}, { parts }]);
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
  });

  it('tells users that a tool failed, and not why', async () => {
    const server = inProcess(async (input, call) => (call === 1 ? ask('Atlantis') : reply(input, 'It is gone.')));
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Hi' });
    expect(JSON.stringify(chat.messages)).not.toContain('secret-host');
    expect(chat.messages[1]?.parts[1]).toMatchObject({ state: 'output-error', errorText: 'A tool failed.' });
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
  });
});

describe('a page and the record agree, part by part,', () => {
  const nothing: StepResult = { type: 'text', content: '' };
  type Step = (input: LLMGenerateInput, server: ReturnType<typeof inProcess>) => Promise<StepResult>;
  /** Says something, and waits until it is told. */
  const tell = async (input: LLMGenerateInput, server: ReturnType<typeof inProcess>, words: string) => {
    const session = await server.stateStore.load('s1');
    say(input, words);
    input.callbacks.onThinking?.('Hm', false);
    await until(
      async () => (await server.streamManager.read(streamIdOf(session!), 0)).chunks.at(-1)?.chunk.type === 'thinking',
    );
  };
  const fails =
    (code: ErrorCode, words?: string): Step =>
    async (input, server) => {
      if (words !== undefined) await tell(input, server, words);
      throw new HelixError(code, 'no');
    };
  const withdrawn = fails('provider_overloaded', 'Wrong');
  const stopped =
    (kind: 'interrupt' | 'abort', words: string): Step =>
    async (input, server) => {
      await tell(input, server, words);
      const cut = new Promise((_, reject) => input.abortSignal.addEventListener('abort', () => reject(new Error('x'))));
      await server.executor[kind](assistant, 's1');
      return cut as Promise<never>;
    };
  const tool: Step = async () => ask('Oslo', 'c1');

  it.each<[string, Step[]]>([
    ['after a reply that says nothing', [async () => nothing]],
    ['after a tool and a reply that says nothing', [tool, async () => nothing]],
    ['after a reply that says nothing and was tried before', [withdrawn, async () => nothing]],
    ['after a failure before a word', [fails('provider_auth_failed')]],
    ['after a failure', [fails('provider_auth_failed', 'Once ')]],
    ['after a tool and a failure before a word', [tool, fails('provider_auth_failed')]],
    ['after a tool and a failure', [tool, fails('provider_auth_failed', 'Once ')]],
    ['after a tool and several failures', [tool, withdrawn, fails('provider_auth_failed')]],
    ['after an interrupt before a word', [stopped('interrupt', '')]],
    ['after an interrupt', [stopped('interrupt', 'Once ')]],
    ['after a tool and an interrupt before a word', [tool, stopped('interrupt', '')]],
    ['after a tool and an interrupt', [tool, stopped('interrupt', 'Once ')]],
    ['after an abort', [stopped('abort', 'Once ')]],
    ['after a tool and an abort before a word', [tool, stopped('abort', '')]],
  ])('%s', async (_, steps) => {
    const server = inProcess(async (input, call) => steps[call - 1]?.(input, server) ?? reply(input, 'And on.'));
    const agrees = async (chat: ReturnType<typeof server.chat>) =>
      expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    const chat = server.chat('s1');
    const sent = chat.sendMessage({ text: 'Hi' });
    await until(() => server.model.calls > 0);
    const early = await server.snapshot('s1');
    await sent;
    await agrees(chat);
    const late = await server.snapshot('s1');
    for (const snapshot of [early, late, { ...late, streamSequence: 0, endedRunId: null }]) {
      const reloaded = server.chat('s1', snapshot);
      await reloaded.resumeStream();
      await agrees(reloaded);
    }
    if ((await server.snapshot('s1')).status === 'completed') return;
    await chat.regenerate();
    expect(chat.status).toBe('ready');
    await agrees(chat);
  });
});

describe('how a run ended', () => {
  it.each(['failure', 'interrupt'])('by %s is told to a page that does not know it, and to no other', async (by) => {
    const server = inProcess(async (input) => {
      await until(() => mayEnd);
      if (by === 'failure') throw new HelixError('provider_auth_failed', 'no');
      await server.executor.interrupt(assistant, 's1');
      return new Promise((_, reject) => input.abortSignal.addEventListener('abort', () => reject(new Error('x'))));
    });
    let mayEnd = false;
    const chat = server.chat('s1');
    const told = async (snapshot: ChatSnapshot): Promise<boolean> => {
      const before = server.seen.length;
      await server.chat('s1', snapshot).resumeStream();
      return server.seen.length > before;
    };
    const sent = chat.sendMessage({ text: 'Hi' });
    await until(() => server.model.calls > 0);
    const early = await server.snapshot('s1');
    mayEnd = true;
    await sent;
    const late = await server.snapshot('s1');
    expect([early.endedRunId, typeof late.endedRunId]).toEqual([null, 'string']);
    expect([await told(early), await told(late)]).toEqual([true, false]);
    await chat.regenerate();
    // Another run that ended in the same way, and at the same place of the stream.
    expect(await told(late)).toBe(true);
    expect(await told(await server.snapshot('s1'))).toBe(false);
  });
});

describe('data that the AI SDK refuses to read', () => {
  const poisoned = (): Json => JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{}},"city":"Oslo"}') as Json;
  const web = defineTool({
    name: 'web',
    description: 'Reads a page.',
    inputSchema: z.looseObject({}),
    execute: (_, context) => {
      context.emit('progress', poisoned());
      return poisoned();
    },
  });
  const agent = defineAgent({ name: 'reader', systemPrompt: '', tools: [web] });

  it('stops no page, live or after a reload, and both show the same', async () => {
    const server = inProcess(async (input, call) => {
      if (call > 1) return reply(input, 'It says Oslo.');
      return { type: 'tool_calls', toolCalls: [{ id: 'c1', name: 'web', arguments: poisoned() }] };
    }, agent as never);
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Read it' });
    expect(chat.error).toBeUndefined();
    const { messages } = await server.snapshot('s1');
    expect(plain(chat.messages)).toEqual(plain(messages));
    const seen = { constructor: {}, city: 'Oslo' };
    expect(messages[1]?.parts[1]).toMatchObject({ input: seen, output: seen });
    expect(await refusedChunks(server.seen)).toEqual([]);
    const retold = server.seen.length;
    await (await server.fetch('/chat/s1/stream?after=0')).text();
    expect(server.seen.length).toBeGreaterThan(retold);
    expect(await refusedChunks(server.seen)).toEqual([]);
  });
});

describe('a reload', () => {
  it('at any instant shows every piece exactly once', async () => {
    const steps = Array.from({ length: 20 }, (_, index) => index);
    for (const stopAt of steps) {
      const gate = Promise.withResolvers<void>();
      let pieces = 0;
      const piece = async (input: LLMGenerateInput, text: string): Promise<string> => {
        if (pieces === stopAt) await gate.promise;
        pieces += 1;
        input.callbacks.onTextDelta?.(text);
        return text;
      };
      const server = inProcess(async (input, call) => {
        let content = '';
        for (let index = 0; index < 5; index += 1) content += await piece(input, `${call}.${index} `);
        if (call === 2) throw new HelixError('provider_overloaded', 'busy');
        return call < 4 ? ask('Oslo', `c${call}`, content) : { type: 'text', content };
      });
      const first = server.chat('s1');
      const sent = first.sendMessage({ text: 'Hi' });
      await until(() => pieces === stopAt && first.messages.length > 1);
      const snapshot = await server.snapshot('s1');
      const reloaded = server.chat('s1', snapshot);
      const resumed = reloaded.resumeStream();
      gate.resolve();
      await Promise.all([sent, resumed]);
      const record = plain((await server.snapshot('s1')).messages);
      expect(plain(reloaded.messages), `reload at piece ${stopAt}`).toEqual(record);
      expect(plain(first.messages)).toEqual(record);
      expect(await refusedChunks(server.seen)).toEqual([]);
    }
  });

  it('between the snapshot and the end of the run misses nothing', async () => {
    const gate = Promise.withResolvers<void>();
    const server = inProcess(async (input) => {
      say(input, 'One ');
      await gate.promise;
      say(input, 'two.');
      return { type: 'text', content: 'One two.' };
    });
    const sent = server.chat('s1').sendMessage({ text: 'Hi' });
    await until(() => server.model.calls === 1);
    const snapshot = await server.snapshot('s1');
    gate.resolve();
    await sent;
    const late = server.chat('s1', snapshot);
    await late.resumeStream();
    expect(textOf(late.messages)).toBe('One two.');
  });

  it.each(['interrupt', 'abort'] as const)('between the snapshot and an %s learns of it', async (stop) => {
    const server = inProcess(async (input, call) => {
      if (call === 1) return ask('Oslo', 'c1', 'Looking. ');
      await new Promise((_, reject) => input.abortSignal.addEventListener('abort', () => reject(new Error('stop'))));
      throw new Error('never');
    });
    const sent = server.chat('s1').sendMessage({ text: 'Hi' });
    await until(() => server.model.calls === 2);
    const snapshot = await server.snapshot('s1');
    await server.executor[stop](assistant, 's1');
    await sent;
    const { messages, streamSequence } = await server.snapshot('s1');
    expect(streamSequence).toBe(snapshot.streamSequence);
    const late = server.chat('s1', snapshot);
    await late.resumeStream();
    expect(late.messages.at(-1)?.metadata).toBeDefined();
    expect(plain(late.messages)).toEqual(plain(messages));
  });

  it('of a chat that rests resumes nothing', async () => {
    const server = inProcess(async (input) => reply(input, 'Done.'));
    await server.chat('s1').sendMessage({ text: 'Hi' });
    const snapshot = await server.snapshot('s1');
    const reloaded = server.chat('s1', snapshot);
    await reloaded.resumeStream();
    expect(reloaded.messages).toEqual(snapshot.messages);
    expect((await server.fetch('/chat/s1/stream')).status).toBe(204);
    const after = snapshot.streamSequence;
    expect((await server.fetch(`/chat/s1/stream?after=${after}`)).status).toBe(204);
    expect(await (await server.fetch(`/chat/s1/stream?after=${after - 1}`)).text()).toContain('Done.');
  });
});

describe('a stop', () => {
  it('keeps what was seen, flagged, and goes on when it is asked to', async () => {
    const server = inProcess(async (input, call) => {
      if (call > 1) return reply(input, 'Then the rest.');
      input.callbacks.onThinking?.('Plan', true);
      say(input, 'Once upon a time ');
      input.callbacks.onToolInputStart?.('x', 'get_weather');
      await new Promise((_, reject) => input.abortSignal.addEventListener('abort', () => reject(new Error('stop'))));
      throw new Error('never');
    });
    const chat = server.chat('s1');
    const sent = chat.sendMessage({ text: 'A story' });
    await until(() => textOf(chat.messages).includes('time'));
    await server.executor.interrupt(assistant, 's1');
    await sent;
    expect(textOf(chat.messages)).toBe('Once upon a time ');
    expect(chat.messages[1]?.metadata).toEqual({ helixInterrupted: { stop: 'interrupt' } });
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    await chat.regenerate();
    expect(textOf(chat.messages)).toBe('Once upon a time |Then the rest.');
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
  });
});

describe('an error', () => {
  it('is told in words for users, leaves nothing behind that the record lacks, and can be tried again', async () => {
    const server = inProcess(async (input, call) => {
      if (call === 1) return ask('Oslo');
      if (call > 2) return reply(input, 'Now it works.');
      say(input, 'Half an ');
      throw new HelixError('provider_auth_failed', 'key sk-secret is wrong');
    });
    const errors: unknown[] = [];
    const chat = server.chat('s1', undefined, { onData: (part) => errors.push(part) });
    await chat.sendMessage({ text: 'Hi' });
    expect(chat.status).toBe('error');
    expect(chat.error?.message).toBe('This agent is set up incorrectly.');
    expect(errors).toMatchObject([{ type: 'data-helix-error', data: { code: 'provider_auth_failed' } }]);
    expect(JSON.stringify(server.seen)).not.toContain('sk-secret');
    const { messages, status, error } = await server.snapshot('s1');
    expect({ status, code: error?.code }).toEqual({ status: 'failed', code: 'provider_auth_failed' });
    expect(plain(chat.messages)).toEqual(plain(messages));
    await chat.regenerate();
    expect(chat.status).toBe('ready');
    expect(textOf(chat.messages)).toBe('Now it works.');
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    expect(await refusedChunks(server.seen)).toEqual([]);
  });

  it('before the run began is a response that is no stream', async () => {
    const gate = Promise.withResolvers<void>();
    const server = inProcess(async (input) => {
      await gate.promise;
      return reply(input, 'One.');
    });
    const first = server.chat('s1').sendMessage({ text: 'Hi' });
    await until(() => server.model.calls === 1);
    const second = server.chat('s1');
    await second.sendMessage({ text: 'Me too' });
    expect(chatErrorOf(second.error ?? new Error('none'))).toMatchObject({
      text: 'An answer is already being written.',
      code: 'state_already_running',
    });
    gate.resolve();
    await first;
    expect((await server.snapshot('s1')).messages).toHaveLength(2);
    await second.regenerate();
    expect((await server.snapshot('s1')).messages).toHaveLength(4);
  });
});

describe('two tabs', () => {
  const sent = (id: string) => ({
    method: 'POST',
    body: JSON.stringify({ messages: [{ id, role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] }),
  });
  const contents = async (response: Response) => {
    const text = await response.text();
    const [, message] = /"messageId":"([^"]+)"/.exec(text) ?? [];
    const deltas = Array.from(text.matchAll(/"delta":"([^"]*)"/g), ([, delta]) => delta).join('');
    return { message, deltas, finish: /"finishReason":"(\w+)"|"code":"(\w+)"/.exec(text)?.slice(1).join('') };
  };

  it.each([
    ['is over', async () => {}],
    ['is under way', async () => new Promise<void>(() => {})],
  ])('each get the reply to their own message, also where the later one %s', async (_, rest) => {
    const server = inProcess(async (input, call) => {
      if (call === 1) say(input, 'First.');
      if (call === 2) say(input, 'Second.');
      if (call === 2) await rest();
      return { type: 'text', content: call === 1 ? 'First.' : 'Second.' };
    });
    const execute = server.executor.execute.bind(server.executor);
    // The other tab is quicker: its message is said when the reply to this one is over, and has not been told.
    server.executor.execute = async (...given) => {
      server.executor.execute = execute;
      const handle = await execute(...given);
      await handle.result();
      await server.fetch('/chat/s1', sent('m2'));
      await until(() => server.model.calls === 2);
      return handle;
    };
    const answer = await contents(await server.fetch('/chat/s1', sent('m1')));
    expect(answer).toEqual({ message: 'reply-m1', deltas: 'First.', finish: 'stop' });
  });

  it('get how the turn ended in the end, where one tried it again', async () => {
    const server = inProcess(async (input, call) => {
      if (call === 1) throw new HelixError('provider_auth_failed', 'no');
      return reply(input, `Reply ${call}.`);
    });
    const execute = server.executor.execute.bind(server.executor);
    server.executor.execute = async (...given) => {
      server.executor.execute = execute;
      const handle = await execute(...given);
      await handle.result();
      await (await server.executor.retry(assistant, 's1')).result();
      await (await server.fetch('/chat/s1', sent('m2'))).text();
      return handle;
    };
    const answer = await contents(await server.fetch('/chat/s1', sent('m1')));
    expect(answer).toEqual({ message: 'reply-m1', deltas: 'Reply 2.', finish: 'stop' });
  });
});

describe('a stream that cannot be read', () => {
  it('ends with a typed error, and the log is told what happened', async () => {
    const server = inProcess(async (input) => reply(input, 'Fine.'));
    const logged: unknown[] = [];
    server.streamManager.read = () =>
      Promise.reject(new HelixError('state_record_unreadable', 'secret-host-7 is damaged'));
    const response = await handleChatStream({
      ...server,
      logger: { log: (...line) => logged.push(line) },
      body: { id: 's1', messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] },
    });
    const text = await response.text();
    expect(text).toContain('"code":"state_record_unreadable"');
    expect(text).not.toContain('secret-host');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(logged).toEqual([['error', 'a request failed', { error: expect.any(HelixError) as unknown }]]);
  });
});

describe('a turn that did not complete', () => {
  const failing: Script = async (input, call) => {
    if (call === 2) return reply(input, 'Fine.');
    throw new HelixError('provider_auth_failed', 'key sk-secret is wrong');
  };
  const stopping: Script = async (input, call) => {
    if (call === 2) return reply(input, 'Fine.');
    await new Promise((_, reject) => input.abortSignal.addEventListener('abort', () => reject(new Error('stop'))));
    throw new Error('never');
  };

  it('keeps its mark when others follow: failed', async () => {
    const server = inProcess(failing);
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Hi' });
    const mark = { helixFailed: { error: 'This agent is set up incorrectly.', code: 'provider_auth_failed' } };
    expect(chat.messages[1]?.metadata).toEqual(mark);
    await chat.sendMessage({ text: 'And now?' });
    const { messages } = await server.snapshot('s1');
    expect(messages.map(({ id }) => id)).toEqual(chat.messages.map(({ id }) => id));
    expect(messages.map(({ metadata }) => metadata)).toEqual([undefined, mark, undefined, undefined]);
    const page = await getUIMessages({ stateStore: server.stateStore, sessionId: 's1' });
    expect(page.messages).toEqual(messages);
  });

  it('keeps its mark when others follow: stopped before its first word', async () => {
    const server = inProcess(stopping);
    const chat = server.chat('s1');
    const sent = chat.sendMessage({ text: 'Hi' });
    await until(() => server.model.calls === 1);
    await server.executor.interrupt(assistant, 's1');
    await sent;
    await chat.sendMessage({ text: 'And now?' });
    const { messages } = await server.snapshot('s1');
    const mark = { helixInterrupted: { stop: 'interrupt' } };
    expect(messages.map(({ metadata }) => metadata)).toEqual([undefined, mark, undefined, undefined]);
    expect(chat.messages.map(({ metadata }) => metadata)).toEqual([undefined, mark, undefined, undefined]);
  });

  it('keeps its mark when others follow: aborted', async () => {
    const server = inProcess(stopping);
    const chat = server.chat('s1');
    const sent = chat.sendMessage({ text: 'Hi' });
    await until(() => server.model.calls === 1);
    await server.executor.abort(assistant, 's1');
    await sent;
    const mark = { helixFailed: { error: expect.any(String), code: 'framework_cancelled' } };
    expect(chat.messages.map(({ metadata }) => metadata)).toEqual([undefined, mark]);
    expect(plain(chat.messages)).toEqual(plain((await server.snapshot('s1')).messages));
    await chat.sendMessage({ text: 'And now?' });
    const { messages } = await server.snapshot('s1');
    expect(messages.map(({ metadata }) => metadata)).toEqual([undefined, mark, undefined, undefined]);
  });

  it('loses its mark when it is tried again and completes', async () => {
    const server = inProcess(failing);
    const chat = server.chat('s1');
    await chat.sendMessage({ text: 'Hi' });
    await chat.regenerate();
    const { messages } = await server.snapshot('s1');
    expect(plain(messages)).toEqual(plain(chat.messages));
    expect(messages[1]?.metadata).toBeUndefined();
  });
});

describe('the same request again', () => {
  const body = (id: string, extra = {}, text = 'Hi') => ({
    method: 'POST',
    body: JSON.stringify({ messages: [{ id, role: 'user', parts: [{ type: 'text', text }] }], ...extra }),
  });

  it('makes no second turn and tells the reply once more', async () => {
    const server = inProcess(async (input, call) => reply(input, `Reply ${call}.`));
    const [one, two] = [await server.fetch('/chat/s1', body('m1')), await server.fetch('/chat/s1', body('m1'))];
    const texts = await Promise.all([one.text(), two.text()]);
    for (const text of texts) expect(text.match(/Reply/g)).toHaveLength(1);
    expect(server.model.calls).toBe(1);
  });

  it('while its reply is under way joins it, also where it asks to try again', async () => {
    const hold = Promise.withResolvers<void>();
    const server = inProcess((input, call) => hold.promise.then(() => reply(input, `Reply-${call}`)));
    const trigger = { trigger: 'regenerate-message' };
    const asked = [body('m1'), body('m1'), body('m1', trigger)];
    const responses: Response[] = [];
    for (const init of asked) responses.push(await server.fetch('/chat/s1', init));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    hold.resolve();
    const texts = await Promise.all(responses.map((response) => response.text()));
    for (const text of texts) expect(text).toContain('Reply-1');
    expect(server.model.calls).toBe(1);
  });

  it.each([
    ['sent once more', body('m1')],
    ['resumed', undefined],
  ])('has a reply whose owner is gone go on: %s', async (_, init) => {
    const server = inProcess((input, call) =>
      call === 1 ? new Promise(() => {}) : Promise.resolve(reply(input, 'Finally')),
    );
    const first = await server.fetch('/chat/s1', body('m1'));
    await until(() => server.model.calls === 1);
    await server.executor.close();
    const again = await server.fetch(init ? '/chat/s1' : '/chat/s1/stream', init);
    expect(await again.text()).toContain('Finally');
    await first.body?.cancel();
  });

  it.each([
    ['an older message', body('m1'), 409, 'state_message_exists'],
    ['a changed message', body('m1', { messageId: 'm1' }), 501, 'framework_not_supported'],
    ['a changed message under a new id', body('m3', { messageId: 'm1' }), 501, 'framework_not_supported'],
    ['the last message with other words', body('m2', {}, 'Ho'), 409, 'state_message_exists'],
    ['a complete reply', body('m2', { trigger: 'regenerate-message' }), 409, 'state_not_resumable'],
  ])('is refused for %s', async (_, init, status, code) => {
    const server = inProcess(async (input, call) => reply(input, `Reply ${call}.`));
    for (const id of ['m1', 'm2']) await (await server.fetch('/chat/s1', body(id))).text();
    const response = await server.fetch('/chat/s1', init);
    const refused = { status, body: { code, retryable: false } };
    expect({ status: response.status, body: await response.json() }).toMatchObject(refused);
    expect(server.model.calls).toBe(2);
  });

  it('under the id of a message that was said, other words are refused with what helps: an id of their own', async () => {
    const server = inProcess(async (input) => reply(input, 'Hello.'));
    await (await server.fetch('/chat/s1', body('m1'))).text();
    const refused = await (await server.fetch('/chat/s1', body('m1', {}, 'Ho'))).json();
    expect(refused).toMatchObject({
      detail: 'the message m1 was sent before, with other words',
      unharmed: 'The conversation is kept as it is.',
      nextStep: 'Send what is new under a new message id; leave what was said as it is.',
    });
    expect(await (await server.fetch('/chat/s1', body('m2', {}, 'Ho'))).text()).toContain('Hello.');
  });
});

it.each([{ mediaType: 'text/html' }, { filename: 'b.txt' }, { url: 'data:text/plain,Ho' }])(
  'a file that was sent under the id of a message is not another one: %j',
  async (change) => {
    const server = inProcess(async (input) => reply(input, 'Read.'));
    const send = async (file: object) => {
      const body = { messages: [{ id: 'm1', role: 'user', parts: [file] }] };
      return (await handleChatStream({ ...server, sessionId: 's1', body })).text();
    };
    const file = { type: 'file', mediaType: 'text/plain', url: 'data:text/plain,Hi', filename: 'a.txt' };
    expect(await send(file)).toContain('Read.');
    expect(await send({ ...file, ...change })).toContain('state_message_exists');
    expect(await send(file)).toContain('Read.');
  },
);

it('a run that the stores of the handler do not know is told as such: they are not those of its executor', async () => {
  const { executor, streamManager } = inProcess(async (input) => reply(input, 'Hello.'));
  const logged: unknown[] = [];
  const refused = await handleChatStream({
    agent: assistant,
    executor,
    streamManager,
    stateStore: new InMemoryStateStore(),
    sessionId: 's1',
    body: { messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] },
    logger: { log: (_level, _message, fields) => logged.push(fields?.['error']) },
  });
  expect(refused.status).toBe(500);
  expect(logged).toMatchObject([{ message: expect.stringContaining('give it the stores of its executor') as string }]);
});

describe('a file of the user', () => {
  const said = (url: string) => ({
    method: 'POST',
    body: JSON.stringify({
      messages: [
        {
          id: 'm1',
          role: 'user',
          parts: [
            { type: 'file', mediaType: 'text/plain', url, filename: 'a.txt' },
            { type: 'text', text: 'Read it.' },
          ],
        },
      ],
    }),
  });

  it('reaches the model and stays in the history; under its message’s id no other one is taken', async () => {
    const heard: unknown[] = [];
    const server = inProcess(async (input) => {
      heard.push(input.messages[0]?.parts);
      return reply(input, 'Done.');
    });
    await (await server.fetch('/chat/s1', said('data:text/plain,Hi'))).text();
    const file = { type: 'file', mediaType: 'text/plain', url: 'data:text/plain,Hi', filename: 'a.txt' };
    const parts = [file, { type: 'text', text: 'Read it.' }];
    expect(heard).toEqual([parts]);
    expect((await server.snapshot('s1')).messages[0]).toMatchObject({ id: 'm1', role: 'user', parts });
    expect((await server.fetch('/chat/s1', said('data:text/plain,Hi'))).status).toBe(200);
    const other = await server.fetch('/chat/s1', said('data:text/plain,Ho'));
    expect(await other.json()).toMatchObject({ code: 'state_message_exists' });
    expect(heard).toHaveLength(1);
  });
});

describe('a reader', () => {
  const body = { messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] };

  it('that goes away leaves no listener behind, and the reply goes on', async () => {
    const hold = Promise.withResolvers<void>();
    const server = inProcess((input) => hold.promise.then(() => reply(input, 'Finally')));
    const watching = new Set<object>();
    const { streamManager } = server;
    const watch = streamManager.watch.bind(streamManager);
    streamManager.watch = (streamId, listener) => {
      const unwatch = watch(streamId, listener);
      watching.add(unwatch);
      return () => {
        watching.delete(unwatch);
        unwatch();
      };
    };
    const response = await handleChatStream({ ...server, body, sessionId: 's1' });
    const reader = response.body!.getReader();
    await reader.read();
    await until(() => watching.size === 1);
    await reader.cancel();
    await until(() => watching.size === 0);
    hold.resolve();
    await until(async () => (await server.snapshot('s1')).status === 'completed');
    expect(textOf((await server.snapshot('s1')).messages)).toBe('Finally');
  });

  it('is asked for again once the message was said: until then the session may have become somebody else’s', async () => {
    const server = inProcess(async (input) => reply(input, 'not for you'));
    const answers = [true, false];
    const authorize = () => answers.shift() ?? false;
    const response = await handleChatStream({ ...server, body, sessionId: 's1', authorize });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 404,
      body: { code: 'state_session_not_found' },
    });
    expect(await server.stateStore.load('s1')).not.toBeNull();
  });
});

it('a reply that is under way is not joined by who may not see its session', async () => {
  const hold = Promise.withResolvers<void>();
  const server = inProcess(async (input) => hold.promise.then(() => reply(input, 'not for you')));
  await server.executor.execute(server.agent, 'Hi', { sessionId: 's1' });
  const response = await handleChatReconnect({ ...server, sessionId: 's1', authorize: () => false });
  hold.resolve();
  const missing = await handleChatReconnect({ ...server, sessionId: 'none' });
  expect([response.status, await response.text()]).toEqual([404, await missing.text()]);
});

it.each([['no'], [1], [undefined]])('an authorize that answers %j lets nobody in', async (answer) => {
  const server = inProcess(async (input) => reply(input, 'not for you'));
  const body = { messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] };
  const response = await handleChatStream({ ...server, body, sessionId: 's1', authorize: (() => answer) as never });
  expect({ status: response.status, body: await response.json() }).toMatchObject({
    status: 500,
    body: { code: 'framework_internal' },
  });
  expect(await server.stateStore.load('s1')).toBeNull();
});

it.each(['authorize', 'identity'])('an %s that came to nothing lets nobody in', async (name) => {
  const server = inProcess(async (input) => reply(input, 'not for you'));
  const body = { messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] };
  const of = { ...server, body, sessionId: 's1', [name]: undefined };
  const refusal = { code: 'framework_internal' };
  const response = await handleChatStream(of);
  expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 500, body: refusal });
  expect(await server.stateStore.load('s1')).toBeNull();
  await server.executor.execute(server.agent, 'Hi', { sessionId: 's1' });
  const again = await handleChatReconnect(of);
  expect({ status: again.status, body: await again.json() }).toMatchObject({ status: 500, body: refusal });
});

it.each([NaN, 0, -1])(
  'a limit of %j ms for those who read nothing is a mistake of the host, and begins no run',
  async (ms) => {
    const server = inProcess(async (input) => reply(input, 'cut off at once'));
    const body = { messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] };
    const response = await handleChatStream({ ...server, body, sessionId: 's1', maxStallMs: ms });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 500,
      body: { code: 'framework_internal' },
    });
    expect(await server.stateStore.load('s1')).toBeNull();
  },
);

it('who is refused a session writes nothing into it, also where it was made by somebody else while they were asked', async () => {
  const server = inProcess(async (input) => reply(input, 'Fine.'));
  const body = (id: string) => ({ messages: [{ id, role: 'user', parts: [{ type: 'text', text: id }] }] });
  const ann = { ...server, sessionId: 's1', identity: { tags: ['ann'] }, body: body('of-ann') };
  let made = false;
  const authorize = async ({ identity }: { identity: { tags?: readonly string[] | undefined } }) => {
    if (!made) await (await handleChatStream(ann)).text();
    made = true;
    return identity.tags?.includes('bob') ?? false;
  };
  const bob = { ...server, sessionId: 's1', identity: { tags: ['bob'] }, body: body('of-bob'), authorize };
  const refused = await handleChatStream(bob);
  expect({ status: refused.status, body: await refused.json() }).toMatchObject({ status: 404 });
  expect(JSON.stringify(await server.stateStore.messagesAfter('s1', 0))).not.toContain('of-bob');
});
