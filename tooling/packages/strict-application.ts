import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an application hands in, with `undefined` in every place where nothing has to stand: it asks for nothing. */
const application = `
import { AgentServer, type AgentServerConfig } from '@helix-agents/agent-server';
import { listen } from '@helix-agents/agent-server/node';
import type { ChatReconnectOptions, ChatStreamOptions, SnapshotRequest, UIMessagesRequest } from '@helix-agents/ai-sdk';
import type { IdleTimeoutOptions } from '@helix-agents/ai-sdk/client';
import { VercelAIAdapter, type VercelAIAdapterOptions } from '@helix-agents/llm-vercel';
import type { PostgresServer, StartPostgresOptions } from '@helix-agents/postgres-embedded';
import {
  defineAgent, defineTool, InMemoryStateStore, InMemoryStreamManager, JSAgentExecutor,
  type AgentConfig, type AgentExecutionHandle, type AgentHooks, type AgentInput, type AnyAgent, type ExecuteOptions,
  type FilePart, type FollowSessionOptions, type HelixErrorOptions, type JSAgentExecutorOptions, type Limits, type LLMConfig,
  type RecoveryOptions, type ResumeOptions, type Schema, type SessionPageRequest, type StepResult, type TextPart,
  type TokenUsage, type ToolCallRequest, type ToolConfig,
} from '@helix-agents/sdk';
import type { InMemoryStateStoreOptions, InMemoryStreamManagerOptions } from '@helix-agents/store-memory';
import {
  PostgresStateStore, PostgresStreamManager,
  type PostgresMigrationsOptions, type PostgresOptions, type PostgresPort, type PostgresStreamOptions,
} from '@helix-agents/store-postgres';
import { z } from 'zod';

/** Names of the optional members that refuse an undefined; methods are not asked. */
type Refusing<T> = T extends unknown
  ? keyof { [Name in keyof T as {} extends Pick<T, Name> ? ({ [One in Name]: undefined } extends Pick<T, Name> ? never : Name) : never]: 0 }
  : never;
type Same<A, B> = [A, B] extends [B, A] ? [] : [refuses: A];
const refusesOnly = <T, Refused = never>(..._: Same<Refusing<T>, Refused>) => {};

refusesOnly<AgentConfig>();
refusesOnly<AgentHooks>();
refusesOnly<AgentServerConfig>();
refusesOnly<Exclude<AgentInput<{ n: number }>, string>>();
refusesOnly<FilePart>();
refusesOnly<FollowSessionOptions>();
refusesOnly<HelixErrorOptions>();
refusesOnly<IdleTimeoutOptions>();
refusesOnly<InMemoryStateStoreOptions>();
refusesOnly<InMemoryStreamManagerOptions>();
refusesOnly<JSAgentExecutorOptions>();
refusesOnly<LLMConfig>();
refusesOnly<NonNullable<JSAgentExecutorOptions['limits']>>();
refusesOnly<NonNullable<Parameters<AgentExecutionHandle['result']>[0]>>();
refusesOnly<NonNullable<Parameters<AgentExecutionHandle['stream']>[0]>>();
refusesOnly<NonNullable<Parameters<typeof listen>[0]>>();
refusesOnly<NonNullable<Parameters<PostgresServer['createDatabase']>[1]>>();
refusesOnly<PostgresMigrationsOptions>();
refusesOnly<PostgresOptions>();
refusesOnly<PostgresStreamOptions>();
refusesOnly<RecoveryOptions>();
refusesOnly<ResumeOptions>();
refusesOnly<SnapshotRequest>();
refusesOnly<StartPostgresOptions>();
refusesOnly<StepResult>();
refusesOnly<TextPart>();
refusesOnly<TokenUsage>();
refusesOnly<ToolCallRequest>();
refusesOnly<ToolConfig<Schema, unknown>>();
refusesOnly<UIMessagesRequest>();
refusesOnly<VercelAIAdapterOptions>();
// Who came to no user, or to no judge, would ask for everybody's: that is refused.
refusesOnly<ChatReconnectOptions<unknown, unknown>, 'authorize' | 'identity'>();
refusesOnly<ChatStreamOptions<unknown, unknown>, 'authorize' | 'identity'>();
refusesOnly<ExecuteOptions, 'userId'>();
refusesOnly<SessionPageRequest, 'userId' | 'agentType'>();

const state = z.object({ n: z.number().default(1), m: z.number().default(2) });
const tool = defineTool({
  name: 'add', description: 'Adds.', inputSchema: z.object({}), outputSchema: undefined, strict: undefined, finishWith: undefined,
  sequential: undefined, replay: undefined, execute: (_, { updateState }) => updateState<z.infer<typeof state>>((draft) => void (draft.n += 1)),
});
const agent = defineAgent({
  name: 'a', description: undefined, systemPrompt: '', stateSchema: state, reducers: { n: 'sum', m: undefined }, outputSchema: undefined,
  tools: [tool], llmConfig: { model: undefined, maxRetries: undefined, timeoutMs: undefined, providerOptions: undefined },
  maxSteps: undefined, toolExecution: undefined, stopWhen: undefined, hooks: { onAgentStart: undefined, onMessage: undefined },
});
const bare = defineAgent({ name: 'b', systemPrompt: '', stateSchema: undefined, reducers: undefined, tools: undefined, llmConfig: undefined, hooks: undefined });
const replies: StepResult[] = [
  { type: 'tool_calls', content: undefined, toolCalls: [1, 2].map((id) => ({ id: String(id), name: 'add', arguments: {}, malformed: undefined, providerMetadata: undefined })), usage: undefined, thinking: undefined },
  { type: 'text', content: 'done', shouldStop: undefined, stopReason: undefined, parts: undefined, model: undefined, usage: { input: 1, output: 1, total: 2, reasoning: undefined } },
];
const model = { generateStep: async (): Promise<StepResult> => replies.shift() ?? { type: 'text', content: 'again' } };
const stateStore = new InMemoryStateStore({ clock: undefined, takeoverGraceMs: undefined });
const streamManager = new InMemoryStreamManager({ maxChunkBytes: undefined });
const limits = { leaseMs: undefined, drainMs: undefined } satisfies { [Name in keyof Limits]?: undefined };
const executor = new JSAgentExecutor(stateStore, streamManager, model, {
  clock: undefined, random: undefined, ids: undefined, limits, logger: undefined, instrumentation: undefined, reached: undefined,
});
const message: TextPart = { type: 'text', text: 'Add', providerMetadata: undefined };
const handle = await executor.execute(
  agent, { message: [message], state: { n: 40, m: undefined }, messageId: undefined },
  { sessionId: undefined, mustBeNew: undefined, tags: undefined, metadata: undefined },
);
const result = await handle.result({ abortSignal: undefined });
const { customState } = await handle.getState();
for await (const _ of (await handle.stream({ after: undefined, abortSignal: undefined })) ?? []);
if (result.output !== 'done' || customState.n !== 42 || customState.m !== 2) throw new Error(JSON.stringify({ result, customState }));
await stateStore.listSessions({ limit: undefined, cursor: undefined });

const port: PostgresPort = { maxConnections: undefined, query: async () => ({ rows: [] }) };
const unset = { schema: undefined, scope: undefined, prepared: undefined, poll: undefined, pollMs: undefined, statementTimeoutMs: undefined, clock: undefined };
new PostgresStateStore({ port, ...unset, commitTimeoutMs: undefined, takeoverGraceMs: undefined, restartGraceMs: undefined });
new PostgresStreamManager({ port, ...unset, maxChunkBytes: undefined, chunkDurability: undefined });
new VercelAIAdapter({ model: undefined, resolveModel: undefined, idleTimeoutMs: undefined, thinkingTimeoutMs: undefined, streaming: undefined, loadFile: undefined, onWarning: undefined, clock: undefined });

// What one of several agents gives is of a type, too.
const agents = { a: agent, b: bare };
const oneOf = (name: keyof typeof agents): AnyAgent => agents[name];
const server = new AgentServer({
  agents, stateStore, streamManager, executor, authenticate: () => ({ userId: 'ada', tags: undefined, metadata: undefined }),
  challenge: undefined, allowUnauthenticated: undefined, authorizeSession: undefined, maxBodyBytes: undefined, maxStallMs: undefined,
  sendStatePatches: undefined, logger: undefined, clock: undefined,
});
const listening = await listen({ fetch: server.fetch, port: undefined, hostname: undefined });
const body = JSON.stringify({ agent: 'b', messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] });
const reply = await fetch(listening.url + '/chat/s1', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
if (!(await reply.text()).includes('again')) throw new Error('the server does not answer');
await listening.close();
const once = await (await executor.execute(oneOf('b'), 'Hi')).result();
if (once.status === 'completed' && once.output !== 'again') throw new Error('no output');
await executor.close();
`;

const strictest = {
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
};

/**
 * Compiles and runs an application in `folder` under the strictest settings that a user may have, and compiles the README's agent where
 * nobody has Node's types. Throws where one of our options refuses an `undefined`, or takes it for something else than nothing.
 */
export function strictApplicationWorks(folder: string): void {
  writeFileSync(join(folder, 'strict.ts'), application);
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], timeout: 60_000 });
  const compile = (name: string, options: object) => {
    const project = {
      extends: './tsconfig.json',
      compilerOptions: { ...strictest, ...options },
      include: [`${name}.ts`],
    };
    writeFileSync(join(folder, `tsconfig.strict-${name}.json`), JSON.stringify(project));
    run('tsc', '-p', `tsconfig.strict-${name}.json`);
  };
  compile('agent', { target: 'es2022', lib: ['es2022', 'dom'], types: [] });
  // The declarations of the AI SDK do not hold themselves to exactOptionalPropertyTypes.
  compile('strict', { skipLibCheck: true });
  run(process.execPath, 'strict.ts');
}
