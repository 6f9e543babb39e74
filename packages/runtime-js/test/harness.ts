import {
  defineAgent,
  defineTool,
  streamIdOf,
  type MessageRecord,
  type StepResult,
  type StreamChunk,
  type StreamPage,
  type ToolConfig,
  type ToolContext,
  type ToolOutcome,
} from '@helix-agents/core';
import { MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { z } from 'zod';
import { JSAgentExecutor, type JSAgentExecutorOptions } from '../src/index.ts';

/** An executor in memory over a scripted model. */
export function inMemory(script: readonly MockStep[], options: JSAgentExecutorOptions = {}) {
  const store = new InMemoryStateStore();
  const streams = new InMemoryStreamManager();
  const llm = new MockLLMAdapter(script);
  const executor = new JSAgentExecutor(store, streams, llm, options);
  return { store, streams, llm, executor };
}

export const answers = (content: string): StepResult => ({ type: 'text', content });

/** A reply with calls: `calls(['note', { text: 'a' }], ...)`; ids are `call_1`, `call_2`, … in each reply. */
export function calls(...wanted: readonly (readonly [name: string, input: unknown])[]): StepResult {
  return {
    type: 'tool_calls',
    toolCalls: wanted.map(([name, input], index) => ({ id: `call_${index + 1}`, name, arguments: input })),
  };
}

/** A tool that takes nothing. */
export function action<TOutput>(
  name: string,
  execute: (context: ToolContext) => TOutput | Promise<TOutput>,
  options: Pick<ToolConfig<z.ZodObject, TOutput>, 'finishWith' | 'replay' | 'sequential'> = {},
) {
  const takesNothing = { description: 'x', inputSchema: z.object({}) };
  return defineTool({ name, ...takesNothing, ...options, execute: (_, context) => execute(context) });
}

export const note = defineTool({
  name: 'note',
  description: 'Keeps a text.',
  inputSchema: z.object({ text: z.string() }),
  execute: ({ text }, { updateState }) => {
    updateState<{ notes: string[] }>((draft) => {
      draft.notes.push(text);
    });
    return `kept ${text}`;
  },
});

export const plain = defineAgent({ name: 'plain', systemPrompt: 'You help.', tools: [note] });

/** A promise that a test settles by hand. */
export function gate<T = void>() {
  return Promise.withResolvers<T>();
}

export const hangs = () => new Promise<never>(() => {});

/** What never ends, and the moment in which it begins. */
export function hanging() {
  const { promise: begun, resolve } = gate();
  const hang = () => {
    resolve();
    return hangs();
  };
  return { begun, hang };
}

/** A store as one that outlives the process: for its executors it is. */
export class LastingStore extends InMemoryStateStore {
  override readonly durability = 'commit' as never;
}

/** Streams as those that other processes see. */
export class LastingStreams extends InMemoryStreamManager {
  override readonly durability = 'commit' as never;
}

/** What a session's tools came to, in the order of the transcript. */
export function outcomes(messages: readonly MessageRecord[]): ToolOutcome[] {
  return messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-result' ? [part.outcome] : [])));
}

export async function collect(chunks: AsyncIterable<StreamChunk> | null): Promise<StreamChunk[]> {
  const all: StreamChunk[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return all;
}

/** Both stores of a session in memory. */
interface Stores {
  readonly store: Pick<InMemoryStateStore, 'load'>;
  readonly streams: InMemoryStreamManager;
}

/** The stream of a session that there is. */
export async function streamOf(store: Stores['store'], sessionId: string): Promise<string> {
  const session = await store.load(sessionId);
  return session ? streamIdOf(session) : Promise.reject(new Error(`there is no session ${sessionId}`));
}

/** What was streamed of a session. */
export async function streamed({ store, streams }: Stores, sessionId: string): Promise<StreamPage> {
  return streams.read(await streamOf(store, sessionId), 0);
}

/** Text as a reader that honours `rewound` sees it at the end. */
export async function textOf(stores: Stores, sessionId: string): Promise<string> {
  let kept: { sequence: number; delta: string }[] = [];
  for (const { sequence, chunk } of (await streamed(stores, sessionId)).chunks) {
    if (chunk.type === 'text_delta') kept.push({ sequence, delta: chunk.delta });
    if (chunk.type === 'rewound') kept = kept.filter((one) => one.sequence <= chunk.toSequence);
  }
  return kept.map(({ delta }) => delta).join('');
}
