import { AgentServer } from '@helix-agents/agent-server';
import { listen } from '@helix-agents/agent-server/node';
import { JSAgentExecutor, type Logger } from '@helix-agents/sdk';
import { assistant } from './agent.ts';
import { chatApp } from './chat-app.ts';
import { chooseModel } from './choose-model.ts';
import type { Settings } from './config.ts';
import { openDatabase } from './database.ts';
import { buildPage } from './page-files.ts';
import { visitorOf } from './visitor.ts';

/** A chat that is served. */
export interface RunningChat {
  readonly url: string;
  readonly model: string;
  /** Ends the server. Conversations in flight are taken up by the next one that starts. */
  close(): Promise<void>;
}

/** Starts everything: the database, the agent with its recovery, the page. */
export async function startChat(settings: Settings, logger: Logger): Promise<RunningChat> {
  const model = chooseModel(settings.model);
  const [files, database] = await Promise.all([buildPage(), openDatabase(settings)]);
  const { stateStore, streamManager } = database;
  const executor = new JSAgentExecutor(stateStore, streamManager, model.llm, { logger });
  const stop = new AbortController();
  const recovery = executor.startRecovery({ agents: [assistant], abortSignal: stop.signal });
  const agents = new AgentServer({
    agents: { assistant },
    stateStore,
    streamManager,
    executor,
    authenticate: visitorOf,
    logger,
  });
  const server = await listen({ fetch: chatApp({ agents, stateStore, files, model }).fetch, port: settings.port });
  const close = async (): Promise<void> => {
    await server.close();
    stop.abort();
    await recovery;
    await executor.close();
    await database.close();
  };
  return { url: server.url, model: model.name, close };
}
