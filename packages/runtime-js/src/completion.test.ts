// Would catch: an agent that owes an output and ends without, a sibling that is lost, a cap that looks like success.
import { defineAgent, defineTool, type MessageRecord } from '@helix-agents/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { action, answers, calls, inMemory, note, outcomes } from '../test/harness.ts';

const answer = z.object({ answer: z.string() });
const state = z.object({ notes: z.array(z.string()).default([]) });
const typed = defineAgent({ name: 'typed', systemPrompt: '', outputSchema: answer, stateSchema: state, tools: [note] });

const texts = (messages: readonly MessageRecord[] | undefined, role: string) =>
  messages
    ?.filter((message) => message.role === role)
    .flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])));

describe('an agent that owes an output', () => {
  it('gives what it finishes with, and the finish is in the transcript like any call', async () => {
    const { executor, store } = inMemory([calls(['__finish__', { answer: '42' }])]);
    const result = await (await executor.execute(typed, 'Hi', { sessionId: 's' })).result();
    expect(result).toMatchObject({
      status: 'completed',
      output: { answer: '42' },
      completionReason: 'finish',
      stepCount: 1,
    });
    expect((await store.messagesAfter('s', 0)).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
  });

  it('runs what it called beside the finish first', async () => {
    const { executor, store } = inMemory([
      calls(['note', { text: 'a' }], ['__finish__', { answer: '42' }], ['note', { text: 'b' }]),
    ]);
    const handle = await executor.execute(typed, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ output: { answer: '42' } });
    expect((await handle.getState()).customState).toEqual({ notes: ['b'] });
    expect(outcomes(await store.messagesAfter('s', 0)).map(({ type }) => type)).toEqual(['result', 'result', 'result']);
  });

  it('is told what is wrong with its output, and may give another', async () => {
    const { executor, llm } = inMemory([
      calls(['__finish__', { answer: 7 }]),
      calls(['__finish__', { answer: 'seven' }]),
    ]);
    const result = await (await executor.execute(typed, 'Hi')).result();
    expect(result).toMatchObject({ output: { answer: 'seven' }, stepCount: 2 });
    expect(outcomes(llm.requests[1]?.messages ?? [])).toMatchObject([
      { type: 'error', error: { code: 'tool_input_invalid' } },
    ]);
  });

  it.each([true, false])('asks for strict arguments of its finish where strictOutput is %s', async (strictOutput) => {
    const { executor, llm } = inMemory([calls(['__finish__', { answer: '42' }])]);
    const agent = defineAgent({ name: 'a', systemPrompt: '', outputSchema: answer, llmConfig: { strictOutput } });
    await (await executor.execute(agent, 'Hi')).result();
    expect(llm.requests[0]?.tools.map(({ strict = false }) => strict)).toEqual([strictOutput]);
  });

  it('finishes once where it calls finish twice', async () => {
    const { executor, store } = inMemory([calls(['__finish__', { answer: 'a' }], ['__finish__', { answer: 'b' }])]);
    expect(await (await executor.execute(typed, 'Hi', { sessionId: 's' })).result()).toMatchObject({
      output: { answer: 'a' },
    });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'result' },
      { type: 'not-executed', reason: 'superseded_by_terminal_call' },
    ]);
  });

  it('is made to finish where it only talks', async () => {
    const { executor, llm } = inMemory([answers('I think 42'), calls(['__finish__', { answer: '42' }])]);
    expect(await (await executor.execute(typed, 'Hi')).result()).toMatchObject({ output: { answer: '42' } });
    const forced = llm.requests[1];
    expect(forced).toMatchObject({ toolChoice: 'required' });
    expect(forced?.tools.map(({ name }) => name)).toEqual(['__finish__']);
    expect(texts(forced?.messages, 'context')).toHaveLength(1);
  });

  it('fails where it does not finish even then', async () => {
    const { executor, llm } = inMemory([
      answers('no'),
      answers('no'),
      answers('no'),
      answers('no'),
      answers('never asked'),
    ]);
    expect(await (await executor.execute(typed, 'Hi')).result()).toMatchObject({
      status: 'failed',
      error: { code: 'framework_output_missing' },
    });
    expect(llm.remaining).toBe(1);
  });

  it('fails where what it finishes with is wrong each time that it must', async () => {
    const wrong = calls(['__finish__', { answer: 7 }]);
    const { executor, llm } = inMemory([answers('no'), wrong, wrong, wrong, wrong, wrong]);
    expect(await (await executor.execute(typed, 'Hi')).result()).toMatchObject({
      status: 'failed',
      error: { code: 'framework_output_missing' },
    });
    expect(llm.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'required', 'required', 'required']);
  });

  it('is made to finish, and then fails, where it does nothing but finish wrongly; the error says why', async () => {
    const wrong = calls(['__finish__', { answer: 7 }]);
    const { executor, llm } = inMemory(Array.from({ length: 20 }, () => wrong));
    expect(await (await executor.execute(typed, 'Hi')).result()).toMatchObject({
      status: 'failed',
      stepCount: 6,
      error: {
        code: 'framework_output_missing',
        message: expect.stringMatching(/; its last one was refused: answer: .*string/),
      },
    });
    const [may, must] = ['auto', 'required'];
    expect(llm.requests.map(({ toolChoice }) => toolChoice)).toEqual([may, may, may, must, must, must]);
  });

  it('may finish wrongly as often as it wants while it works on', async () => {
    const wrong = ['__finish__', { answer: 7 }] as const;
    const working = Array.from({ length: 4 }, () => calls(['note', { text: 'a' }], wrong));
    const between = [calls(wrong), calls(wrong), calls(['note', { text: 'b' }]), calls(wrong), calls(wrong)];
    const { executor, llm } = inMemory([...working, ...between, calls(['__finish__', { answer: '42' }])]);
    const result = await (await executor.execute(typed, 'Hi')).result();
    expect(result).toMatchObject({ status: 'completed', output: { answer: '42' } });
    expect(new Set(llm.requests.map(({ toolChoice }) => toolChoice))).toEqual(new Set(['auto']));
  });

  it('is told at its last step, and made to finish after it', async () => {
    const short = defineAgent({
      name: 'short',
      systemPrompt: '',
      outputSchema: answer,
      stateSchema: state,
      tools: [note],
      maxSteps: 2,
    });
    const { executor, llm } = inMemory([
      calls(['note', { text: 'a' }]),
      calls(['note', { text: 'b' }]),
      calls(['__finish__', { answer: 'late' }]),
    ]);
    expect(await (await executor.execute(short, 'Hi')).result()).toMatchObject({
      output: { answer: 'late' },
      stepCount: 3,
    });
    expect(texts(llm.requests[1]?.messages, 'context')).toEqual([
      'This is the last step. Finish now: call __finish__.',
    ]);
    expect(llm.requests[2]).toMatchObject({ toolChoice: 'required' });
    // The prefix only grows, so that the provider's cache holds.
    const [, second, third] = llm.requests;
    expect(third?.messages.slice(0, second?.messages.length)).toEqual(second?.messages);
  });
});

describe('a text reply that is not the end', () => {
  it('goes on where the model’s adapter says so', async () => {
    const { executor, llm } = inMemory([{ type: 'text', content: 'Wait …', shouldStop: false }, answers('Done')]);
    const talker = defineAgent({ name: 'talker', systemPrompt: '' });
    expect(await (await executor.execute(talker, 'Hi')).result()).toMatchObject({ output: 'Done', stepCount: 2 });
    expect(texts(llm.requests[1]?.messages, 'assistant')).toEqual(['Wait …']);
  });
});

describe('a finishing tool', () => {
  const sender = { name: 'sender', systemPrompt: '', outputSchema: answer };
  const send = defineTool({
    name: 'send',
    description: 'Sends the answer.',
    inputSchema: z.object({ text: z.string() }),
    finishWith: true,
    execute: ({ text }) => {
      if (text === 'bad') throw new Error('not sendable');
      return { answer: text };
    },
  });

  it('ends the run with its result', async () => {
    const agent = defineAgent({ ...sender, tools: [send] });
    const { executor } = inMemory([calls(['send', { text: 'ok' }])]);
    expect(await (await executor.execute(agent, 'Hi')).result()).toMatchObject({
      output: { answer: 'ok' },
      completionReason: 'finish',
    });
  });

  it('that stands first in the reply builds on what the calls behind it wrote', async () => {
    const close = action(
      'close',
      ({ updateState, getState }) => {
        updateState<{ notes: string[] }>((draft) => void draft.notes.push('closed'));
        return { answer: getState<{ notes: string[] }>().notes.join() };
      },
      { finishWith: true },
    );
    const agent = defineAgent({ ...sender, stateSchema: state, tools: [close, note] });
    const { executor } = inMemory([calls(['close', {}], ['note', { text: 'a' }])]);
    const handle = await executor.execute(agent, 'Hi');
    expect(await handle.result()).toMatchObject({ output: { answer: 'a,closed' } });
    expect((await handle.getState()).customState).toMatchObject({ notes: ['a', 'closed'] });
  });

  it('that fails each time that it must be called fails the run, which says how', async () => {
    const agent = defineAgent({ ...sender, tools: [send] });
    const { executor, llm } = inMemory([
      answers('no'),
      ...Array.from({ length: 20 }, () => calls(['send', { text: 'bad' }])),
    ]);
    expect(await (await executor.execute(agent, 'Hi')).result()).toMatchObject({
      status: 'failed',
      error: { code: 'framework_output_missing', message: expect.stringContaining('not sendable') },
    });
    expect(llm.requests).toHaveLength(4);
  });

  it('that fails is called as often as the model wants where the agent owes nothing', async () => {
    const agent = defineAgent({ name: 'free', systemPrompt: '', tools: [send] });
    const bad = Array.from({ length: 8 }, () => calls(['send', { text: 'bad' }]));
    const { executor, llm } = inMemory([...bad, answers('I cannot')]);
    expect(await (await executor.execute(agent, 'Hi')).result()).toMatchObject({ output: 'I cannot', stepCount: 9 });
    expect(llm.requests.map(({ toolChoice }) => toolChoice)).not.toContain('required');
  });

  it('that fails does not end it', async () => {
    const agent = defineAgent({ ...sender, tools: [send] });
    const { executor } = inMemory([calls(['send', { text: 'bad' }]), calls(['send', { text: 'good' }])]);
    expect(await (await executor.execute(agent, 'Hi')).result()).toMatchObject({
      output: { answer: 'good' },
      stepCount: 2,
    });
  });
});

describe('the result of a finishing tool', () => {
  it('that is no output of the agent does not end the run, and the model hears of it', async () => {
    const send = defineTool({
      name: 'send',
      description: 'x',
      inputSchema: z.object({ text: z.string() }),
      outputSchema: z.object({ answer: z.any() }),
      finishWith: true,
      execute: ({ text }) => ({ answer: text === 'number' ? 42 : text }),
    });
    const agent = defineAgent({ name: 'sender', systemPrompt: '', outputSchema: answer, tools: [send] });
    const { executor, llm } = inMemory([calls(['send', { text: 'number' }]), calls(['send', { text: 'good' }])]);
    const result = await (await executor.execute(agent, 'Hi')).result();
    expect(result).toMatchObject({ output: { answer: 'good' }, completionReason: 'finish', stepCount: 2 });
    expect(outcomes(llm.requests[1]?.messages ?? [])).toMatchObject([
      { type: 'error', error: { code: 'tool_output_invalid' } },
    ]);
  });

  it('is the output as the schema of the agent reads it', async () => {
    const outputSchema = z.object({ answer: z.string().trim(), kind: z.string().default('plain') });
    const send = action('send', () => ({ answer: ' 42 ' }), { finishWith: true });
    const agent = defineAgent({ name: 'sender', systemPrompt: '', outputSchema, tools: [send] });
    const result = await (await inMemory([calls(['send', {}])]).executor.execute(agent, 'Hi')).result();
    expect(result).toMatchObject({ output: { answer: '42', kind: 'plain' }, completionReason: 'finish' });
  });
});

describe('the cap on steps', () => {
  it('fails a run without an output, and retry goes on with a fresh budget', async () => {
    const capped = defineAgent({ name: 'capped', systemPrompt: '', stateSchema: state, tools: [note], maxSteps: 1 });
    const { executor } = inMemory([calls(['note', { text: 'a' }]), answers('done')]);
    const handle = await executor.execute(capped, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      completionReason: 'max_steps',
      error: { code: 'framework_max_steps' },
    });
    expect(await (await executor.retry(capped, 's')).result()).toMatchObject({ status: 'completed', output: 'done' });
  });

  it('comes after stopWhen', async () => {
    const stops = defineAgent({
      name: 'stops',
      systemPrompt: '',
      stateSchema: state,
      tools: [note],
      maxSteps: 1,
      stopWhen: ({ state: { notes } }) => notes.length === 1,
    });
    const { executor } = inMemory([calls(['note', { text: 'a' }])]);
    expect(await (await executor.execute(stops, 'Hi')).result()).toMatchObject({
      status: 'completed',
      completionReason: 'stop_when',
    });
  });
});

describe('stopWhen', () => {
  it.each<[string, () => boolean | Promise<boolean>]>([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
  ])('that %s fails the run by its name, and what the calls did stays', async (_, stopWhen) => {
    const agent = defineAgent({ name: 'a', systemPrompt: '', stateSchema: state, tools: [note], stopWhen });
    const { executor } = inMemory([calls(['note', { text: 'a' }]), answers('never')]);
    const handle = await executor.execute(agent, 'Hi');
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      error: { code: 'framework_hook_failed', message: 'stopWhen: no disk' },
    });
    expect((await handle.getState()).customState).toEqual({ notes: ['a'] });
  });

  it('hears of each step: its number, its calls with what they came to, and the state', async () => {
    const heard: unknown[] = [];
    const agent = defineAgent({
      name: 'a',
      systemPrompt: '',
      stateSchema: state,
      tools: [note],
      stopWhen: (context) => {
        heard.push(context);
        return false;
      },
    });
    const { executor } = inMemory([calls(['note', { text: 'a' }]), calls(['note', { text: 7 }]), answers('done')]);
    await (await executor.execute(agent, 'Hi')).result();
    expect(heard).toMatchObject([
      {
        stepCount: 1,
        state: { notes: ['a'] },
        toolCalls: [{ toolName: 'note', input: { text: 'a' }, outcome: { type: 'result', value: 'kept a' } }],
      },
      { stepCount: 2, state: { notes: ['a'] }, toolCalls: [{ toolName: 'note', outcome: { type: 'error' } }] },
    ]);
  });
});

describe('an output that would come back from the record as something else', () => {
  const outputSchema = z.object({ at: z.string().transform((text) => new Date(text)) });

  it.each<[string, string]>([
    ['of the model', '__finish__'],
    ['of a finishing tool', 'send'],
  ])('fails the run, naming it, and no call is asked for again: %s', async (_, finish) => {
    const send = defineTool({
      name: 'send',
      description: 'x',
      inputSchema: z.object({ at: z.string() }),
      finishWith: true,
      execute: (input) => input,
    });
    const agent = defineAgent({ name: 'dates', systemPrompt: '', outputSchema, tools: [send] });
    const { executor, llm } = inMemory([calls([finish, { at: '2020-01-01' }]), answers('never')]);
    const result = await (await executor.execute(agent, 'Hi')).result();
    const message = 'agent dates: outputSchema: the output cannot hold an instance of Date at /at: it is kept as JSON';
    expect(result).toMatchObject({ status: 'failed', error: { code: 'agent_invalid', message } });
    expect(llm.remaining).toBe(1);
  });
});
