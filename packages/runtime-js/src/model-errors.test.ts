// Would catch: an error of the model that fails a run too early or never, a retry that repeats text, a budget that never ends.
import {
  defineAgent,
  defineTool,
  HelixError,
  runTerminal,
  type LLMGenerateInput,
  type StepResult,
} from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, sequentialIds, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { answers, collect, gate, inMemory, plain, streamed, textOf } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

const busy = (details?: { retryAfterMs: number }): StepResult => ({
  type: 'error',
  error: new HelixError('provider_rate_limited', 'slow down', details ? { details } : {}),
});
const fatal: StepResult = { type: 'error', error: new HelixError('provider_auth_failed', 'wrong key') };
const quick = { limits: { backoffMs: 1, maxBackoffMs: 2 } };

/** Says something, then fails. */
function breaksOff({ callbacks }: LLMGenerateInput): StepResult {
  callbacks.onTextDelta?.('half a ');
  callbacks.onTextDelta?.('thought');
  return { type: 'error', error: new HelixError('provider_error', 'the stream broke') };
}

describe('a model call that fails', () => {
  it('is repeated where that may help, and what it had said is withdrawn', async () => {
    const { executor, streams, store } = inMemory([breaksOff, answers('A whole thought')], quick);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'A whole thought', stepCount: 1 });
    expect(await textOf({ store, streams }, 's')).toBe('A whole thought');
    expect(await store.messagesAfter('s', 1)).toHaveLength(1);
    const heard = (await collect(await handle.stream())).map((chunk) =>
      chunk.type === 'text_delta' ? chunk.delta : '',
    );
    expect(heard.join('')).toBe('A whole thought');
  });

  it('and speaks on after it failed is not heard in the attempt after it', async () => {
    let first: LLMGenerateInput['callbacks'] | undefined;
    const breaksOffAndSpeaksOn = (input: LLMGenerateInput) => {
      first = input.callbacks;
      return breaksOff(input);
    };
    const anew = () => {
      first?.onTextDelta?.(' that goes on');
      first?.onThinking?.('and on', true);
      first?.onFile?.({ type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,' });
      first?.onToolInputStart?.('late', 'note');
      first?.onToolInputDelta?.('late', '{}');
      return answers('A whole thought');
    };
    const { executor, store, streams } = inMemory([breaksOffAndSpeaksOn, anew], quick);
    await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
    expect(await textOf({ store, streams }, 's')).not.toContain('goes on');
    const kinds = (await streamed({ store, streams }, 's')).chunks.map(({ chunk }) => chunk.type);
    expect(new Set(kinds)).toEqual(new Set(['text_delta', 'rewound', 'step_end', 'output']));
  });

  it('is given up after the budget of the agent, with the last error', async () => {
    const { executor, llm } = inMemory([busy(), busy(), busy(), busy(), answers('never')], quick);
    const result = await (await executor.execute(plain, 'Hi')).result();
    expect(result).toMatchObject({
      status: 'failed',
      completionReason: 'error',
      error: { code: 'provider_rate_limited', retryable: true },
    });
    expect(llm.remaining).toBe(1);
  });

  it('is not repeated where that cannot help', async () => {
    const { executor, llm } = inMemory([fatal, answers('never')], quick);
    const result = await (await executor.execute(plain, 'Hi')).result();
    expect(result).toMatchObject({ status: 'failed', error: { code: 'provider_auth_failed', message: 'wrong key' } });
    expect(llm.remaining).toBe(1);
  });

  it.each<[string, MockStep, string]>([
    [
      'throws in its script',
      () => {
        throw new TypeError('x is not a function');
      },
      'x is not a function',
    ],
    ['gives an error that is none of ours', { type: 'error', error: new Error('not mapped') }, 'not mapped'],
  ])('is not repeated where the adapter %s, and says so', async (_name, step, message) => {
    const { executor, llm } = inMemory([step, answers('never')], quick);
    const result = await (await executor.execute(plain, 'Hi')).result();
    expect(result).toMatchObject({ status: 'failed', error: { code: 'provider_error', message, retryable: false } });
    expect(llm.remaining).toBe(1);
  });

  it('for good is the last word of its stream, behind nothing of what it had said', async () => {
    const last = ({ callbacks }: LLMGenerateInput) => {
      callbacks.onTextDelta?.('half');
      return fatal;
    };
    const { executor, streams, store } = inMemory([last]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await handle.result();
    const told = await collect(await handle.stream());
    expect(told).toMatchObject([{ type: 'error', error: { code: 'provider_auth_failed' } }]);
    expect((await store.load('s'))?.streamSequence).toBe((await streamed({ store, streams }, 's')).last);
  });

  it.each([
    [0, [500, 1_000, 1_500]],
    [0.5, [750, 1_500, 2_250]],
  ])('waits twice as long each time up to the cap, half of it by chance: at %d %j ms', async (chance, expected) => {
    const [clock, ids] = [new FakeClock(), sequentialIds()];
    const random = { fraction: () => chance, bytes: (length: number) => new Uint8Array(length) };
    const limits = { backoffMs: 1_000, maxBackoffMs: 3_000 };
    const made = inMemory([busy(), busy(), busy(), answers('ok')], { clock, ids, random, limits });
    const committed = vi.spyOn(made.store, 'commit');
    const result = (await made.executor.execute(plain, 'Hi')).result();
    await clock.advance(10_000);
    expect(await result).toMatchObject({ output: 'ok' });
    const waits = committed.mock.calls.flatMap(([, { at, head }]) =>
      head?.step?.op === 'failed' ? [(head.step.retryAt ?? at) - at] : [],
    );
    expect(waits).toEqual(expected);
  });

  it('waits as long as the provider asks, also where that is all that a run waits', async () => {
    const clock = new FakeClock();
    const { executor, llm, store } = inMemory([busy({ retryAfterMs: 20_000 }), answers('ok')], {
      clock,
      limits: { maxRetryAfterMs: 20_000 },
    });
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await expect.poll(async () => (await store.load('s'))?.step?.at).toBe('failed');
    await clock.advance(19_000);
    expect(llm.requests).toHaveLength(1);
    await clock.advance(1_500);
    expect(await handle.result()).toMatchObject({ output: 'ok' });
  });

  it('is repeated in the time that the limits allow, whatever clock wrote when', async () => {
    const clock = new FakeClock();
    const [store, streams] = [new InMemoryStateStore({ clock }), new InMemoryStreamManager()];
    const ahead = new FakeClock(clock.now() + 3_600_000);
    const first = new JSAgentExecutor(store, streams, new MockLLMAdapter([busy()]), { clock: ahead });
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await expect.poll(async () => (await store.load('s'))?.step?.at).toBe('failed');
    await first.close();
    const second = new JSAgentExecutor(store, streams, new MockLLMAdapter([answers('soon')]), { clock });
    const result = (await second.getHandle(plain, 's'))!.result();
    await clock.advance(1_000);
    expect(await result).toMatchObject({ status: 'completed', output: 'soon' });
  });

  it('is not repeated at once where a clock goes back', async () => {
    const clock = new FakeClock();
    const now = clock.now.bind(clock);
    vi.spyOn(clock, 'now').mockImplementation(() => now() - (clock.monotonic() > 0 ? 3_600_000 : 0));
    const steps = [busy({ retryAfterMs: 1_000 }), busy({ retryAfterMs: 20_000 }), answers('ok')];
    const made = inMemory(steps, { clock });
    const handle = await made.executor.execute(plain, 'Hi', { sessionId: 's' });
    await expect.poll(async () => (await made.store.load('s'))?.step?.at).toBe('failed');
    await clock.advance(19_000);
    expect(made.llm.requests).toHaveLength(2);
    await clock.advance(2_500);
    expect(await handle.result()).toMatchObject({ output: 'ok' });
  });

  it('ends the run where the provider asks for longer than a run waits, and retry goes on', async () => {
    const { executor, llm } = inMemory([busy({ retryAfterMs: 3_600_000 }), answers('ok')]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      error: { code: 'provider_rate_limited', details: { retryAfterMs: 3_600_000 } },
    });
    expect(llm.requests).toHaveLength(1);
    expect(await (await executor.retry(plain, 's')).result()).toMatchObject({ status: 'completed', output: 'ok' });
  });

  it('that throws counts as a failure of the provider', async () => {
    const broken = () => Promise.reject(new TypeError('x is not a function'));
    const { executor } = inMemory([broken, broken, broken, broken], quick);
    expect(await (await executor.execute(plain, 'Hi')).result()).toMatchObject({
      error: { code: 'provider_error', message: 'x is not a function' },
    });
  });

  it('is interrupted within 100 ms in the wait before it is repeated', async () => {
    const clock = new FakeClock();
    const { executor, store } = inMemory([busy({ retryAfterMs: 60_000 })], { clock });
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await expect.poll(async () => (await store.load('s'))?.step?.at).toBe('failed');
    const stoppedAt = performance.now();
    await handle.interrupt();
    expect(await handle.result()).toMatchObject({ status: 'interrupted' });
    expect(performance.now() - stoppedAt).toBeLessThan(100);
  });
});

it('a model that says nothing for a while streams nothing for it', async () => {
  const halting = ({ callbacks }: LLMGenerateInput) => {
    for (const delta of ['', 'Hel', '', 'lo', '']) callbacks.onTextDelta?.(delta);
    return answers('Hello');
  };
  const { executor } = inMemory([halting]);
  const handle = await executor.execute(plain, 'Hi');
  const deltas = (await collect(await handle.stream())).filter(({ type }) => type === 'text_delta');
  expect(deltas.every((chunk) => chunk.type === 'text_delta' && chunk.delta !== '')).toBe(true);
  expect(deltas.length).toBeGreaterThan(0);
});

describe('retry', () => {
  it('goes on with a failed run from its last commit', async () => {
    const { executor, llm } = inMemory([fatal, answers('Better now')], quick);
    await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
    const handle = await executor.retry(plain, 's');
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Better now', turn: 1 });
    expect(llm.requests[1]?.messages.map(({ role }) => role)).toEqual(['user']);
  });

  it('of an aborted run goes on after what the user saw, in the same turn', async () => {
    const spoken = gate();
    const hangs = ({ callbacks }: LLMGenerateInput) => {
      callbacks.onTextDelta?.('Two words');
      spoken.resolve();
      return new Promise<never>(() => {});
    };
    const { executor, llm } = inMemory([hangs, answers('The rest')]);
    const aborted = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await spoken.promise;
    await aborted.abort();
    await aborted.result();
    const handle = await executor.retry(plain, 's');
    expect(await handle.result()).toMatchObject({ status: 'completed', output: 'The rest', turn: 1, stepCount: 1 });
    expect(llm.requests[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', interrupted: true },
      { role: 'context' },
    ]);
    expect(await aborted.result()).toMatchObject({ status: 'failed', error: { code: 'framework_cancelled' } });
  });

  it('twice at once makes one run, held by both', async () => {
    const hold = gate<StepResult>();
    const { executor, llm } = inMemory([fatal, () => hold.promise, answers('never')]);
    await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
    const [a, b] = await Promise.all([executor.retry(plain, 's'), executor.retry(plain, 's')]);
    const late = await executor.retry(plain, 's');
    expect(new Set([a.runId, b.runId, late.runId]).size).toBe(1);
    hold.resolve(answers('Once'));
    expect(await b.result()).toMatchObject({ output: 'Once' });
    expect(llm.remaining).toBe(1);
  });

  it('of a run that goes on is refused', async () => {
    const hold = gate<StepResult>();
    const { executor } = inMemory([() => hold.promise]);
    const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
    await expect(executor.retry(plain, 's')).rejects.toMatchObject({ code: 'state_already_running' });
    hold.resolve(answers('One'));
    expect(await handle.result()).toMatchObject({ output: 'One' });
  });

  it('of a run that did not fail is refused', async () => {
    const { executor } = inMemory([answers('One')]);
    await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
    await expect(executor.retry(plain, 's')).rejects.toMatchObject({ code: 'state_not_resumable' });
    await expect(executor.retry(plain, 'nobody')).rejects.toMatchObject({ code: 'state_session_not_found' });
  });
});

describe('a reply that the model refused to give', () => {
  it.each(['refusal', 'content_filter'] as const)('fails the run with what it said kept: %s', async (stopReason) => {
    const { executor, store } = inMemory([{ type: 'text', content: 'I cannot help with that', stopReason }]);
    expect(await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result()).toMatchObject({
      status: 'failed',
      error: { code: 'provider_refused' },
    });
    expect(await store.messagesAfter('s', 1)).toMatchObject([{ role: 'assistant' }]);
  });

  it.each(['refusal', 'content_filter'] as const)(
    'has no call carried out that stands in it: %s',
    async (stopReason) => {
      let bodies = 0;
      const send = defineTool({
        name: 'send',
        description: 'Sends.',
        inputSchema: z.object({}),
        execute: () => void (bodies += 1),
      });
      const agent = defineAgent({ name: 'plain', systemPrompt: '', tools: [send] });
      const toolCalls = [{ id: 'c1', name: 'send', arguments: {} }];
      const { executor, llm } = inMemory([{ type: 'tool_calls', toolCalls, stopReason }, answers('Better not.')]);
      expect(await (await executor.execute(agent, 'Hi', { sessionId: 's' })).result()).toMatchObject({
        status: 'failed',
        error: { code: 'provider_refused', message: `the model stopped with ${stopReason}` },
      });
      expect({ bodies, left: llm.remaining }).toEqual({ bodies: 0, left: 1 });
      expect(await (await executor.retry(agent, 's')).result()).toMatchObject({ output: 'Better not.' });
    },
  );
});

describe('an answer that did not come to its own end', () => {
  it.each(['max_tokens', 'other'] as const)(
    'is told so by the result, the stream and the record: %s',
    async (stopReason) => {
      const { executor, store } = inMemory([{ type: 'text', content: 'Half of', stopReason }, answers('Whole')]);
      const run = async () => (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
      expect(await run()).toMatchObject({ status: 'completed', output: 'Half of', stopReason });
      const cut = (await store.load('s'))?.run;
      expect(cut?.phase).toMatchObject({ outcome: 'completed', stopReason });
      expect(cut && runTerminal(cut)).toMatchObject({ type: 'end', status: 'completed', stopReason });
      expect(await run()).not.toHaveProperty('stopReason');
    },
  );

  it.each(['end_turn', 'stop_sequence', undefined] as const)(
    'is no word in the record of one that did: %s',
    async (stopReason) => {
      const { executor, store } = inMemory([{ type: 'text', content: 'All', ...(stopReason && { stopReason }) }]);
      await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
      expect(JSON.stringify(await store.load('s'))).not.toContain('stopReason');
    },
  );
});
