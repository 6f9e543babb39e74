// Would catch: a custom state that a handle hands out as any JSON although its agent says what it is. The types are the test.
import { defineAgent, type AgentExecutionHandle, type Json } from '@helix-agents/core';
import { expectTypeOf, it } from 'vitest';
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
