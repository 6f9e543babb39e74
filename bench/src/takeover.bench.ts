import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import type { Benchmark } from './harness/benchmark.ts';
import { BenchDatabase } from './database/bench-database.ts';
import { measured } from './harness/figures.ts';
import { InstantModel } from './workload/looping-agent.ts';
import { stuckAgent } from './workload/stuck-agent.ts';

const victim = fileURLToPath(new URL('workload/takeover-victim.ts', import.meta.url));

/** A process is killed in the middle of a tool; another one, which only waits for such work, goes on. */
export const takeover: Benchmark = {
  name: 'takeover',
  target: 'after a SIGKILL the first commit of the new owner lands within 2 s in the median',
  run: async ({ reps, postgres }) => {
    const database = await (await postgres()).database();
    const times: number[] = [];
    for (let rep = 0; rep < reps; rep += 1) times.push(await takeOver(database.connectionString));
    await database.close();
    return [measured({ name: 'from SIGKILL to the first commit', target: { atMost: 2000 } }, 'ms', times)];
  },
};

async function takeOver(connectionString: string): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, victim, connectionString], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const database = new BenchDatabase(connectionString, 6);
  const heir = new Heir(database);
  try {
    await Promise.race([once(child.stdout, 'data'), failure(child)]);
    const killedAt = performance.now();
    child.kill('SIGKILL');
    await heir.committed;
    return performance.now() - killedAt;
  } finally {
    child.kill('SIGKILL');
    await heir.close();
    await database.close();
  }
}

async function failure(child: ReturnType<typeof spawn>): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`the process that was to be killed ended with ${code}`);
}

/** Waits for sessions whose owner died. */
class Heir {
  readonly committed: Promise<void>;
  readonly #ended = new AbortController();
  readonly #executor: JSAgentExecutor;
  readonly #recovery: Promise<void>;

  constructor({ store, streams }: BenchDatabase) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.committed = promise;
    this.#executor = new JSAgentExecutor(store, streams, new InstantModel(), {
      reached: (boundary) => {
        if (boundary.endsWith('-commit:after')) resolve();
      },
    });
    const agent = stuckAgent(async () => 'found');
    this.#recovery = this.#executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: this.#ended.signal });
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#recovery;
    await this.#executor.close();
  }
}
