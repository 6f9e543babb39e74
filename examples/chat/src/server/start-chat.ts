import { AgentServer } from '@helix-agents/agent-server';
import { openDatabase } from '@helix-agents/example-environment';
import { JSAgentExecutor, type Logger } from '@helix-agents/sdk';
import { assistant } from './agent.ts';
import { chatApp } from './chat-app.ts';
import { chooseModel } from './choose-model.ts';
import type { Settings } from './config.ts';
import { listenOn } from './listen-on.ts';
import { buildPage } from './page-files.ts';
import { visitorOf } from './visitor.ts';

/** A chat that is served. */
export interface RunningChat {
  readonly url: string;
  readonly model: string;
  /** Resolves where its embedded database ended by itself. */
  readonly lost: Promise<void>;
  /** Ends the server. Conversations in flight are taken up by the next one that starts. */
  close(): Promise<void>;
}

/** Starts everything: the database, the agent with its recovery, the page. Where one part fails, nothing of it is left. */
export async function startChat(settings: Settings, logger: Logger): Promise<RunningChat> {
  const undo: Undo[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return { ...(await start(settings, logger, undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends what was started. The last that was started ends first. */
type Undo = () => Promise<unknown>;

const inUse = {
  message: 'another chat uses the same database',
  nextStep: 'end it, or set HELIX_DATA_DIR and PORT for a second one',
  waitMs: 0,
};

async function start(settings: Settings, logger: Logger, undo: Undo[]): Promise<Omit<RunningChat, 'close'>> {
  const model = chooseModel(settings);
  const opening = openDatabase(settings, inUse);
  undo.push(async () => (await opening.catch(() => null))?.close());
  const [files, database] = await Promise.all([buildPage(), opening]);
  const { stateStore, streamManager, lost } = database;
  const executor = new JSAgentExecutor(stateStore, streamManager, model.llm, { logger });
  undo.push(() => executor.close());
  undo.push(recover(executor));
  const agents = new AgentServer({
    agents: { assistant },
    stateStore,
    streamManager,
    executor,
    authenticate: visitorOf,
    logger,
  });
  const server = await listenOn(
    settings.port,
    chatApp({ agents, stateStore, streamManager, files, model, logger }).fetch,
  );
  undo.push(() => server.close());
  return { url: server.url, model: model.name, lost };
}

/** Takes up conversations whose server is gone, until it is undone. */
function recover(executor: JSAgentExecutor): Undo {
  const stop = new AbortController();
  const recovery = executor.startRecovery({ agents: { assistant }, abortSignal: stop.signal });
  return () => {
    stop.abort();
    return recovery;
  };
}
