// Would catch: a custom state that a handle hands out as any JSON although its agent says what it is, and a result of which one has
// to say with `!` what its status says already. The types are the test.
import {
  defineAgent,
  type AgentExecutionHandle,
  type AgentResult,
  type CompletionReason,
  type ErrorDetail,
  type Json,
  type RunStatus,
} from '@helix-agents/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { answers, inMemory, plain } from '../test/harness.ts';

const basket = defineAgent({
  name: 'basket',
  systemPrompt: '',
  stateSchema: z.object({ items: z.array(z.string()).default([]), cents: z.number().default(0) }),
});
interface Basket {
  items: string[];
  cents: number;
}
const input = { message: 'Hi', state: { cents: 1 } };

it('the state that a handle gives has the type of its agent, however the handle was come by', async () => {
  const { executor } = inMemory([answers('Hello')]);
  const handle = await executor.execute(basket, input);
  await handle.result();
  expectTypeOf((await handle.getState()).customState).toEqualTypeOf<Basket>();
  const found = await executor.getHandle(basket, handle.sessionId);
  expectTypeOf((await found?.getState())?.customState).toEqualTypeOf<Basket | undefined>();
  expectTypeOf<ReturnType<typeof executor.retry<Basket, string>>>().resolves.toEqualTypeOf<
    AgentExecutionHandle<string, Basket>
  >();
  expectTypeOf<ReturnType<typeof handle.resume>>().resolves.toEqualTypeOf<AgentExecutionHandle<string, Basket>>();
});

it('is any JSON where the agent says nothing of it, and another type where the caller names one', async () => {
  const { executor } = inMemory([answers('Hello')]);
  const handle = await executor.execute(plain, 'Hi');
  expectTypeOf((await handle.getState()).customState).toEqualTypeOf<Json>();
  expectTypeOf((await handle.getState<{ old: true }>()).customState).toEqualTypeOf<{ old: true }>();
});

it('a handle is one of its output alone, as the page of the runtimes writes it', () => {
  expectTypeOf<AgentExecutionHandle<string, Basket>>().toExtend<AgentExecutionHandle<string>>();
  expectTypeOf<AgentExecutionHandle<string>>().toExtend<AgentExecutionHandle<string, Basket>>();
});

describe('a result', () => {
  type Result = AgentResult<{ city: string }>;
  type Of<TStatus extends Result['status']> = Extract<Result, { readonly status: TStatus }>;

  it('has by its status what there is, and nothing else', () => {
    expectTypeOf<Of<'failed'>['error']>().toEqualTypeOf<ErrorDetail>();
    expectTypeOf<Of<'failed'>['output']>().toEqualTypeOf<undefined>();
    expectTypeOf<Of<'completed'>['output']>().toEqualTypeOf<{ city: string } | undefined>();
    expectTypeOf<Of<'completed'>['error']>().toEqualTypeOf<undefined>();
    expectTypeOf<Of<'interrupted'>['error']>().toEqualTypeOf<undefined>();
  });

  it('that is completed has its output, unless stopWhen ended the run', () => {
    type Ended = Exclude<Of<'completed'>, { readonly completionReason: 'stop_when' }>;
    expectTypeOf<Ended['output']>().toEqualTypeOf<{ city: string }>();
  });

  it('has every status that a run has', () => {
    expectTypeOf<Result['status']>().toEqualTypeOf<RunStatus>();
  });

  it('may be read without asking for its status, as it always could be', async () => {
    const { executor } = inMemory([answers('Hello'), { type: 'error', error: new Error('broken') }]);
    const handle = await executor.execute(plain, 'Hi');
    const { status, output, error, completionReason, suspended } = await handle.result();
    expectTypeOf(output).toEqualTypeOf<string | undefined>();
    expectTypeOf(error).toEqualTypeOf<ErrorDetail | undefined>();
    expectTypeOf(completionReason).toEqualTypeOf<CompletionReason | undefined>();
    expectTypeOf(suspended).toExtend<{ readonly waitIds: readonly string[] } | undefined>();
    expect([status, output, error, completionReason, suspended]).toEqual([
      'completed',
      'Hello',
      undefined,
      'reply',
      undefined,
    ]);
    const failed = await (await executor.execute(plain, 'Hi')).result();
    if (failed.status === 'failed') expectTypeOf(failed.error.code).toEqualTypeOf<ErrorDetail['code']>();
    expect(failed).toMatchObject({ status: 'failed', completionReason: 'error', error: { message: 'broken' } });
    expect(failed).not.toHaveProperty('output');
  });

  it('is narrowed by its status also where it was taken apart', async () => {
    const { executor } = inMemory([answers('Hello')]);
    const { status, error } = await (await executor.execute(plain, 'Hi')).result();
    if (status === 'failed') expectTypeOf(error).toEqualTypeOf<ErrorDetail>();
    expect(status).toBe('completed');
  });

  it('that is suspended says for what', () => {
    const callsOf = (result: Result) =>
      result.status === 'suspended_client_tool' ? result.suspended.toolCallIds : null;
    expectTypeOf(callsOf).returns.toEqualTypeOf<readonly string[] | null>();
  });

  it('of any output takes one of a certain output', () => {
    expectTypeOf<Result>().toExtend<AgentResult>();
  });
});
