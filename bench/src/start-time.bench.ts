import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './harness/benchmark.ts';
import { costRatio } from './harness/figures.ts';
import { interleave } from './harness/interleave.ts';

const programs = new URL('../start/', import.meta.url);

/** How long a new process takes to the first tool call of a first agent, with the packages as they are published. */
export const startTime: Benchmark = {
  name: 'start-time',
  target: 'from process start to the first step at most 2.5 times a bare Node in memory, 4 times on a running Postgres',
  needs: 'dist',
  run: async ({ reps, postgres }) => {
    const database = await (await postgres()).database();
    const rounds = await interleave(
      {
        bare: () => firstWord('bare.mjs'),
        memory: () => firstWord('in-memory.mjs'),
        zod: () => firstWord('in-memory-zod.mjs'),
        onPostgres: () => firstWord('on-postgres.mjs', database.connectionString),
      },
      { reps: 2 * reps, warmUps: 2 },
    );
    await database.close();
    return [
      costRatio({ name: 'in memory beside a bare Node', target: { atMost: 2.5 } }, rounds.memory, rounds.bare),
      costRatio({ name: 'in memory with Zod beside a bare Node' }, rounds.zod, rounds.bare),
      costRatio({ name: 'on Postgres beside a bare Node', target: { atMost: 4 } }, rounds.onPostgres, rounds.bare),
    ];
  },
};

/** Milliseconds until a program says something. */
async function firstWord(program: string, ...values: string[]): Promise<number> {
  const before = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL(program, programs)), ...values], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const ms = performance.now() - before;
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`${program} of the benchmark ended with ${code}`);
  return ms;
}
