import { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { Benchmark, Figure } from './harness/benchmark.ts';
import type { BenchDatabase } from './database/bench-database.ts';
import { kindOf } from './database/counting-port.ts';
import { measured, speedRatio } from './harness/figures.ts';
import { interleave, timed, warmUpsOf } from './harness/interleave.ts';
import { Loop } from './workload/loop.ts';
import { recordRun } from './database/record-commits.ts';

const steps = 20;

/** Commits of many sessions that wait while one is in flight leave as one statement; plain INSERTs leave one by one. */
export const manySessions: Benchmark = {
  name: 'many-sessions',
  target:
    'at 10 and 100 sessions at once at least 1.5 and 3 times the steps per second of plain INSERTs, pool of 10 for both',
  run: async ({ reps, postgres }) => {
    const database = await (await postgres()).database(10);
    const few = await measure(database, { sessions: 10, atLeast: 1.5, reps: 3 * reps });
    const many = await measure(database, { sessions: 100, atLeast: 3, reps });
    await database.close();
    return [...few, ...many];
  },
};

interface Case {
  readonly sessions: number;
  readonly atLeast: number;
  readonly reps: number;
}

async function measure(database: BenchDatabase, { sessions, atLeast, reps }: Case): Promise<Figure[]> {
  const loop = new Loop({ store: database.store, streams: new InMemoryStreamManager() });
  const { commits } = await recordRun(database, () => loop.run(steps));
  const atOnce = (run: () => Promise<void>) => () => Promise.all(Array.from({ length: sessions }, run));
  const ours = atOnce(() => loop.run(steps));
  const floor = atOnce(() => database.floor.run(commits.slice(1)));
  const turns = { reps, warmUps: warmUpsOf(sessions * steps) };
  const joined = () => database.floor.runJoined(sessions, commits.slice(1));
  const sides = { ours: () => timed(ours), joined: () => timed(joined), floor: () => timed(floor) };
  const rounds = await interleave(sides, turns);
  const statements = (await database.port.record(ours)).filter((statement) => kindOf(statement) === 'commit').length;
  await loop.close();
  const perSecond = rounds.ours.map((ms) => (1000 * sessions * steps) / ms);
  return [
    speedRatio({ name: `${sessions} sessions`, target: { atLeast } }, rounds.ours, rounds.floor),
    speedRatio({ name: `${sessions} sessions, joined INSERTs that no loop makes` }, rounds.joined, rounds.floor),
    measured({ name: `${sessions} sessions, steps` }, 'per second', perSecond),
    measured({ name: `${sessions} sessions, commits in a statement` }, 'times', [
      (sessions * (2 * steps + 1)) / statements,
    ]),
  ];
}
