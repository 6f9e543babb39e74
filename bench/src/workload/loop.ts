import type { Agent, LLMAdapter, SessionStateStore, StreamManager } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { InstantModel, loopingAgent } from './looping-agent.ts';

interface LoopParts {
  readonly store: SessionStateStore;
  readonly streams: StreamManager;
  readonly llm?: LLMAdapter;
}

/** Our side of most benchmarks: a process that runs sessions of an agent, as an application would. */
export class Loop {
  readonly #executor: JSAgentExecutor;

  constructor({ store, streams, llm = new InstantModel() }: LoopParts) {
    this.#executor = new JSAgentExecutor(store, streams, llm);
  }

  /** A new session that runs to its end. */
  async run(agent: Agent | number): Promise<void> {
    const handle = await this.#executor.execute(resolveAgent(agent), 'Look it up.');
    const { status, error } = await handle.result();
    if (status !== 'completed') throw new Error(`the session of the benchmark is ${status}: ${error?.message}`);
  }

  /** The same with a reader that takes every chunk; resolves with how many it got. */
  async runRead(agent: Agent | number): Promise<number> {
    const handle = await this.#executor.execute(resolveAgent(agent), 'Look it up.');
    let chunks = 0;
    for await (const chunk of (await handle.stream()) ?? []) chunks += chunk.type === 'rewound' ? 0 : 1;
    await handle.result();
    return chunks;
  }

  async close(): Promise<void> {
    await this.#executor.close();
  }
}

const agents = new Map<number, Agent>();

function resolveAgent(given: Agent | number): Agent {
  if (typeof given !== 'number') return given;
  const known = agents.get(given) ?? loopingAgent(given);
  agents.set(given, known);
  return known;
}
