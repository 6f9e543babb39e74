import { defineAgent, type LLMAdapter, type LLMGenerateInput, type StepResult } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { AgentServer, type AgentServerConfig, type Principal } from '../src/index.ts';

/** Says back what it was told, and to `much` 24 MiB more; after `wait` it says nothing until it is stopped. */
class Echo implements LLMAdapter {
  async generateStep({ messages, callbacks, abortSignal }: LLMGenerateInput): Promise<StepResult> {
    const parts = messages.findLast(({ role }) => role === 'user')?.parts ?? [];
    const said = parts.map((part) => (part.type === 'text' ? part.text : part.type)).join(' ');
    const content = `You said: ${said}${said === 'much' ? 'x'.repeat(24 * 1024 * 1024) : ''}`;
    callbacks.onTextDelta?.(content);
    if (said === 'wait')
      await new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(new Error('stopped'))));
    return { type: 'text', content };
  }
}

export const echo = defineAgent({ name: 'echo', systemPrompt: '' });
export const other = defineAgent({ name: 'other', systemPrompt: '' });

/** Who asks is the user that the header names. */
const authenticate = (request: Request): Principal | null => {
  const userId = request.headers.get('x-user');
  return userId === null || userId === '' ? null : { userId, tags: ['trial'], metadata: { plan: 'free' } };
};

export function makeServer(change: Partial<AgentServerConfig> = {}) {
  const stateStore = new InMemoryStateStore();
  const streamManager = new InMemoryStreamManager();
  const executor = new JSAgentExecutor(stateStore, streamManager, new Echo());
  const logged: { level: string; message: string; fields: unknown }[] = [];
  const server = new AgentServer({
    agents: { echo },
    stateStore,
    streamManager,
    executor,
    authenticate,
    logger: { log: (level, message, fields) => logged.push({ level, message, fields }) },
    ...change,
  });
  const call = (
    user: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
    server.fetch(
      new Request(`http://server${path}`, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(user !== null && { 'x-user': user }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
  return { server, stateStore, streamManager, executor, logged, call };
}

let messages = 0;

/** What `DefaultChatTransport` sends for a text. */
export function saying(text: string, change: Record<string, unknown> = {}) {
  const message = { id: `m${(messages += 1)}`, role: 'user', parts: [{ type: 'text', text }] };
  return { messages: [message], trigger: 'submit-message', ...change };
}
