import { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { Benchmark } from './harness/benchmark.ts';
import { BenchDatabase } from './database/bench-database.ts';
import { costRatio } from './harness/figures.ts';
import { interleave, timed, warmUpsOf } from './harness/interleave.ts';
import type { FloorCommit } from './database/floor.ts';
import { Loop } from './workload/loop.ts';
import { recordRun } from './database/record-commits.ts';
import { startDelayProxy } from './workload/start-delay-proxy.ts';

const steps = 20;

/** Without the way, which would take minutes. */
async function warmUp(near: BenchDatabase, commits: readonly FloorCommit[]): Promise<void> {
  const loops = [new InMemoryStreamManager(), near.streams].map((streams) => new Loop({ store: near.store, streams }));
  const [bare, streamed] = loops.map((loop) => () => timed(() => loop.run(steps)));
  const sides = { bare: bare!, floor: () => timed(() => near.floor.run(commits)), streamed: streamed! };
  await interleave(sides, { reps: 0, warmUps: warmUpsOf(steps) });
  await Promise.all(loops.map((loop) => loop.close()));
}

/** On a real network the number of round trips decides, and nothing else. */
export const slowNetwork: Benchmark = {
  name: 'slow-network',
  target: 'with 2 ms a round trip at most 1.1 times the floor',
  run: async ({ reps, postgres }) => {
    const server = await postgres();
    const direct = await server.database();
    const proxy = await startDelayProxy(server.port, 1);
    const far = new BenchDatabase(direct.connectionString.replace(`:${server.port}/`, `:${proxy.port}/`), 10);
    const bare = new Loop({ store: far.store, streams: new InMemoryStreamManager() });
    const streamed = new Loop({ store: far.store, streams: far.streams });
    const { commits } = await recordRun(far, () => bare.run(steps));
    await streamed.run(steps);
    await warmUp(direct, commits.slice(1));
    const rounds = await interleave(
      {
        bare: () => timed(() => bare.run(steps)),
        floor: () => timed(() => far.floor.run(commits.slice(1))),
        streamed: () => timed(() => streamed.run(steps)),
      },
      { reps: 2 * reps, warmUps: 2 },
    );
    await Promise.all([bare.close(), streamed.close()]);
    await far.close();
    await direct.close();
    proxy.stop();
    return [
      costRatio({ name: 'time, 20 steps, streams in memory', target: { atMost: 1.1 } }, rounds.bare, rounds.floor),
      costRatio({ name: 'time, 20 steps, streams in Postgres' }, rounds.streamed, rounds.floor),
    ];
  },
};
