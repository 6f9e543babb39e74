import {
  defineAgent,
  defineTool,
  type Agent,
  type LLMAdapter,
  type LLMGenerateInput,
  type StepResult,
} from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import {
  DefaultChatTransport,
  parseJsonEventStream,
  uiMessageChunkSchema,
  type ChatInit,
  type UIMessageChunk,
} from 'ai';
import { Chat } from '@ai-sdk/react';
import { z } from 'zod';
import { prepareHelixChatRequest, prepareHelixReconnectRequest } from '../src/client/index.ts';
import type { ChatOptions } from '../src/chat-options.ts';
import {
  buildSnapshot,
  handleChatReconnect,
  handleChatStream,
  type ChatSnapshot,
  type HelixUIMessage,
} from '../src/index.ts';

/** What a scripted model does in one call: it may stream, wait, and give any reply or throw. */
export type Script = (input: LLMGenerateInput, call: number) => Promise<StepResult>;

class ScriptedModel implements LLMAdapter {
  calls = 0;
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  generateStep(input: LLMGenerateInput): Promise<StepResult> {
    return this.#script(input, (this.calls += 1));
  }
}

const weather = defineTool({
  name: 'get_weather',
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => {
    if (city === 'Atlantis') throw new Error('it is under water: secret-host-7');
    return { city, sky: 'clear' };
  },
});

export const assistant = defineAgent({ name: 'assistant', systemPrompt: 'You help.', tools: [weather] });

/** A server in this process, and chats that speak to it. */
export function inProcess(
  script: Script,
  agent: Agent<never, never> = assistant as unknown as Agent<never, never>,
  { sendStatePatches = false } = {},
) {
  const stateStore = new InMemoryStateStore();
  const streamManager = new InMemoryStreamManager();
  const model = new ScriptedModel(script);
  const executor = new JSAgentExecutor(stateStore, streamManager, model, { limits: { backoffMs: 1 } });
  const shared = { agent, executor, stateStore, streamManager, sendStatePatches };
  return { ...shared, model, ...chatServer(shared) };
}

/** Answers chats that speak to it through `DefaultChatTransport`, as a page does. */
export function chatServer(options: ChatOptions<never, never>) {
  const { stateStore, sendStatePatches = false } = options;
  const seen: UIMessageChunk[] = [];
  const fetch = async (url: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(url as string, 'http://chat');
    const sessionId = decodeURIComponent(pathname.split('/')[2] ?? '');
    if (init?.method === 'POST') {
      const body: unknown = JSON.parse(init.body as string);
      return spy(await handleChatStream({ ...options, body, sessionId }), seen);
    }
    const [after, ended] = [searchParams.get('after'), searchParams.get('ended')];
    const known = { ...(after && { after: Number(after) }), ...(ended && { ended }) };
    return spy(await handleChatReconnect({ ...options, sessionId, ...known }), seen);
  };
  const chat = (sessionId: string, snapshot?: ChatSnapshot, init: ChatInit<HelixUIMessage> = {}) =>
    new Chat<HelixUIMessage>({
      id: sessionId,
      messages: snapshot?.messages ?? [],
      transport: new DefaultChatTransport({
        api: '/chat',
        fetch,
        prepareSendMessagesRequest: prepareHelixChatRequest(),
        prepareReconnectToStreamRequest: prepareHelixReconnectRequest({ after: snapshot ?? 0 }),
      }),
      ...init,
    });
  const snapshot = (sessionId: string) => buildSnapshot({ stateStore, sessionId, withState: sendStatePatches });
  return { seen, fetch, chat, snapshot };
}

/** Every chunk that leaves the server parses with the schema of the AI SDK. */
function spy(response: Response, seen: UIMessageChunk[]): Response {
  if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
  const [forClient, forTest] = response.body.tee();
  void readChunks(forTest, seen);
  return new Response(forClient, response);
}

async function readChunks(body: ReadableStream<Uint8Array>, seen: UIMessageChunk[]): Promise<void> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (!event.startsWith('data: ') || event === 'data: [DONE]') continue;
      seen.push(JSON.parse(event.slice('data: '.length)) as UIMessageChunk);
    }
  }
}

/** The chunks that the AI SDK refuses: with its own parser, which is stricter than JSON, and its own schema. */
export async function refusedChunks(chunks: readonly UIMessageChunk[]): Promise<unknown[]> {
  const events = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
  const { body } = new Response(events);
  if (!body) throw new Error('there is no body');
  const refused: unknown[] = [];
  let at = 0;
  for await (const read of parseJsonEventStream({ stream: body, schema: uiMessageChunkSchema })) {
    if (!read.success) refused.push(chunks[at]);
    at += 1;
  }
  return at === chunks.length ? refused : [`${at} of ${chunks.length} were read`];
}

/** Messages as data: without members that are undefined. */
export function plain(messages: readonly HelixUIMessage[]): unknown {
  return JSON.parse(JSON.stringify(messages)) as unknown;
}

export function textOf(messages: readonly HelixUIMessage[]): string {
  return messages
    .filter(({ role }) => role === 'assistant')
    .flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])))
    .join('|');
}

/** Resolves when a condition holds; it is looked at after each turn of the event loop. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it never came to be');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
