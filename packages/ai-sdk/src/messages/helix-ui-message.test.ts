// Would catch: an event of a tool or an error of a reply that arrives at `onData` and that a page cannot name. Types are half of it.
import { defineAgent, defineTool, HelixError, type Agent } from '@helix-agents/core';
import type { ChatInit, UIMessage } from 'ai';
import { expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { inProcess } from '../../test/chat-fixture.ts';
import type { TypedErrorBody } from '../http/typed-error.ts';
import type { HelixUIMessage } from './helix-ui-message.ts';

type Heard<T extends UIMessage> = Parameters<NonNullable<ChatInit<T>['onData']>>[0];
type Part = Heard<HelixUIMessage<{ progress: { done: number } }>>;

it('onData knows the events of the agent by name, and those of Helix', () => {
  expectTypeOf<Part['type']>().toEqualTypeOf<
    'data-progress' | 'data-helix-output' | 'data-helix-error' | 'data-state-patch'
  >();
  expectTypeOf<Extract<Part, { type: 'data-progress' }>['data']>().toEqualTypeOf<{ done: number }>();
  expectTypeOf<Extract<Part, { type: 'data-helix-error' }>['data']>().toEqualTypeOf<TypedErrorBody>();
});

const copy = defineTool({
  name: 'copy',
  description: 'Copies.',
  inputSchema: z.object({}),
  execute: (_, { emit }) => emit('progress', { done: 1 }),
});
const copier = defineAgent({ name: 'copier', systemPrompt: '', tools: [copy] }) as unknown as Agent<never, never>;

it('what a tool emits, and why a reply failed, are heard and stay in no message', async () => {
  const server = inProcess(async (_, call) => {
    if (call === 1) return { type: 'tool_calls', toolCalls: [{ id: 'c1', name: 'copy', arguments: {} }] };
    return { type: 'error', error: new HelixError('provider_refused', 'no') };
  }, copier);
  const heard: unknown[] = [];
  const chat = server.chat('s1', undefined, { onData: (part) => heard.push(part) });
  await chat.sendMessage({ text: 'Copy' });
  expect(heard).toMatchObject([
    { type: 'data-progress', data: { done: 1 } },
    { type: 'data-helix-error', data: { code: 'provider_refused' } },
  ]);
  const types = chat.messages.flatMap(({ parts }) => parts.map(({ type }) => type));
  expect(types.filter((type) => type.startsWith('data-'))).toEqual([]);
});
