// Would catch: a stop that waits for the model, loses what the user saw, leaves a call without a result, or ends the wrong run.
import { defineAgent, defineTool, type Agent, type LLMGenerateInput, type StepResult } from '@helix-agents/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answers, calls, collect, gate, inMemory, note, outcomes, plain, textOf } from '../test/harness.ts';

/** A model that says two words and then hangs, deaf to its signal. */
function hangs(spoken: () => void) {
  return ({ callbacks }: LLMGenerateInput): Promise<StepResult> => {
    callbacks.onTextDelta?.('Two ');
    callbacks.onTextDelta?.('words');
    spoken();
    return new Promise(() => {});
  };
}

describe('an interrupt', () => {
  it('cuts the model call at once and keeps what the user saw, flagged', async () => {
    const spoken = gate();
    const { executor, store, streams } = inMemory([hangs(spoken.resolve)]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    const stoppedAt = performance.now();
    await handle.interrupt('enough');
    expect(await handle.result()).toMatchObject({ status: 'interrupted', completionReason: 'stop' });
    expect(performance.now() - stoppedAt).toBeLessThan(100);
    expect((await store.messagesAfter('s', 1))[0]).toMatchObject({
      role: 'assistant',
      interrupted: true,
      parts: [{ type: 'text', text: 'Two words' }],
    });
    expect(await textOf(streams, 's')).toBe('Two words');
    expect((await collect(await handle.stream())).map(({ type }) => type)).not.toContain('error');
  });

  it('leaves a session that resumes where it stopped', async () => {
    const spoken = gate();
    const { executor, llm } = inMemory([hangs(spoken.resolve), answers('The rest')]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    await handle.interrupt();
    await handle.result();
    expect(await handle.canResume()).toEqual({ canResume: true });
    const resumed = await handle.resume();
    expect(await resumed.result()).toMatchObject({ status: 'completed', output: 'The rest', turn: 1 });
    expect(llm.requests[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('can be answered with a message instead', async () => {
    const spoken = gate();
    const { executor } = inMemory([hangs(spoken.resolve), answers('Fine')]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    await handle.interrupt();
    await handle.result();
    const resumed = await handle.resume({ mode: 'with_message', message: 'shorter' });
    expect(await resumed.result()).toMatchObject({ output: 'Fine', turn: 2 });
  });

  it('that is resumed twice at once makes one run, held by both', async () => {
    const spoken = gate();
    const { executor, llm } = inMemory([hangs(spoken.resolve), answers('The rest')]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    await handle.interrupt();
    await handle.result();
    const [a, b] = await Promise.all([executor.resume(plain, 's'), executor.resume(plain, 's')]);
    expect(a.runId).toBe(b.runId);
    expect(await b.result()).toMatchObject({ output: 'The rest' });
    expect(llm.remaining).toBe(0);
  });
});

describe('an abort', () => {
  it('fails the run with its reason, and cannot be resumed', async () => {
    const spoken = gate();
    const { executor } = inMemory([hangs(spoken.resolve)]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    await handle.abort('no longer needed');
    const error = { code: 'framework_cancelled', message: 'no longer needed' };
    expect(await handle.result()).toMatchObject({ status: 'failed', error });
    expect(await handle.canResume()).toEqual({ canResume: false, reason: 'failed_use_retry' });
    await expect(handle.resume()).rejects.toMatchObject({ code: 'state_not_resumable' });
  });

  it('is told to the hooks as the failure that it is', async () => {
    const spoken = gate();
    const failed = gate<string>();
    const agent = defineAgent({
      name: 'told',
      systemPrompt: '',
      hooks: { onAgentFail: ({ error }) => failed.resolve(error.code) },
    });
    const { executor } = inMemory([hangs(spoken.resolve)]);
    const handle = await executor.execute(agent, 'Hi');
    await spoken.promise;
    await handle.abort();
    expect(await failed.promise).toBe('framework_cancelled');
  });

  it('of a run that is over changes nothing', async () => {
    const { executor } = inMemory([answers('One')]);
    const handle = await executor.execute(plain, 'Hi');
    await handle.result();
    await handle.abort();
    expect(await handle.result()).toMatchObject({ status: 'completed' });
  });

  it('of a session that is not there says so', async () => {
    const { executor } = inMemory([]);
    await expect(executor.abort(plain, 'nobody')).rejects.toMatchObject({ code: 'state_session_not_found' });
  });
});

describe('a stop while tools run', () => {
  it('tells them, takes the result of one that ends in time, and does not know what the other did', async () => {
    const running = gate();
    const listens = defineTool({
      name: 'listens',
      description: 'x',
      inputSchema: z.object({}),
      execute: (_input, { abortSignal }) =>
        new Promise<string>((resolve) => abortSignal.addEventListener('abort', () => resolve('ended'))),
    });
    const deaf = defineTool({
      name: 'deaf',
      description: 'x',
      inputSchema: z.object({}),
      execute: () => {
        running.resolve();
        return new Promise<string>(() => {});
      },
    });
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [listens, deaf] });
    const { executor, store } = inMemory([calls(['listens', {}], ['deaf', {}])], { limits: { stopGraceMs: 20 } });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await running.promise;
    await handle.interrupt();
    expect(await handle.result()).toMatchObject({ status: 'interrupted' });
    expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([
      { type: 'result', value: 'ended' },
      { type: 'unknown' },
    ]);
  });
});

describe('a stop is not held up by', () => {
  const greet = defineTool({
    name: 'greet',
    description: 'x',
    inputSchema: z.object({}),
    execute: () => 'Hello',
  });
  const never = () => new Promise<never>(() => {});

  async function stopWhile(running: Promise<void>, agent: Agent<unknown, string>) {
    const { executor, store } = inMemory([calls(['greet', {}]), answers('Done')], { limits: { stopGraceMs: 20 } });
    const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
    await running;
    await handle.interrupt();
    const result = await handle.result();
    return { result, outcomes: outcomes(await store.messagesAfter('s', 0)) };
  }

  it.each([
    ['onAgentStart', []],
    ['onStepStart', []],
    ['beforeLLMCall', []],
    ['afterLLMCall', []],
    ['onMessage', []],
    ['beforeTool', [{ type: 'not-executed', reason: 'run_stopped' }]],
    ['afterTool', [{ type: 'result', value: 'Hello' }]],
    ['onStepEnd', [{ type: 'result', value: 'Hello' }]],
  ] as const)('the hook %s when it is deaf to its signal, and no result is lost', async (name, expected) => {
    const reached = gate();
    const hook = () => {
      reached.resolve();
      return never();
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet], hooks: { [name]: hook } });
    const { result, outcomes: kept } = await stopWhile(reached.promise, agent);
    expect(result).toMatchObject({ status: 'interrupted', completionReason: 'stop' });
    expect(kept).toMatchObject(expected);
    expect(kept).toHaveLength(expected.length);
  });

  it('stopWhen when it never answers, and no result is lost', async () => {
    const reached = gate();
    const stopWhen = () => {
      reached.resolve();
      return never();
    };
    const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [greet], stopWhen });
    const { result, outcomes: kept } = await stopWhile(reached.promise, agent);
    expect(result).toMatchObject({ status: 'interrupted' });
    expect(kept).toMatchObject([{ type: 'result', value: 'Hello' }]);
  });
});

it('what arrives while a step is judged calls no hook and no judge again', async () => {
  const called: string[] = [];
  let stop = () => Promise.resolve();
  const agent = defineAgent({
    name: 'a',
    systemPrompt: '',
    tools: [note],
    stateSchema: z.object({ notes: z.array(z.string()).default([]) }),
    hooks: { afterTool: () => void called.push('afterTool'), onStepEnd: () => void called.push('onStepEnd') },
    stopWhen: async () => {
      called.push('stopWhen');
      await stop();
      return true;
    },
  });
  const { executor, store } = inMemory([calls(['note', { text: 'a' }])]);
  const started = gate();
  stop = async () => {
    await started.promise;
    await store.deliver('s', { kind: 'message', messageId: 'msg_x', parts: [{ type: 'text', text: 'More' }], at: 1 });
  };
  const handle = await executor.execute(agent, 'Hi', { sessionId: 's' });
  started.resolve();
  await handle.result();
  expect(called).toEqual(['afterTool', 'onStepEnd', 'stopWhen']);
  expect(outcomes(await store.messagesAfter('s', 0))).toMatchObject([{ type: 'result', value: 'kept a' }]);
});

describe('a handle', () => {
  it('stops its own run, and no later one', async () => {
    const spoken = gate();
    const { executor } = inMemory([answers('One'), hangs(spoken.resolve)]);
    const first = await executor.execute(plain, 'a', { sessionId: 's' });
    await first.result();
    const second = await executor.execute(plain, 'b', { sessionId: 's' });
    await spoken.promise;
    await first.abort();
    expect((await second.getState()).status).toBe('running');
    await second.interrupt();
    expect(await second.result()).toMatchObject({ status: 'interrupted' });
  });

  it('stops waiting for its result when its caller does', async () => {
    const spoken = gate();
    const { executor } = inMemory([hangs(spoken.resolve)]);
    const handle = await executor.execute(plain, 'a', { sessionId: 's' });
    await spoken.promise;
    const waiting = new AbortController();
    const result = handle.result({ abortSignal: waiting.signal });
    waiting.abort(new Error('gone home'));
    await expect(result).rejects.toThrow('gone home');
    await handle.interrupt();
  });
});
