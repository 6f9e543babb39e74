import { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { StreamManager } from '@helix-agents/core';
import type { Benchmark, Figure } from './harness/benchmark.ts';
import type { BenchDatabase } from './database/bench-database.ts';
import { countByKind, type StatementKind } from './database/counting-port.ts';
import { costRatio, measured } from './harness/figures.ts';
import { interleave, sessionsInARow, timed, timedInARow, warmUpsOf } from './harness/interleave.ts';
import { Loop } from './workload/loop.ts';
import { recordRun } from './database/record-commits.ts';

const steps = 20;

/** What one session costs, beside two plain INSERTs a step of the same bytes on the same pool. */
export const durableLoop: Benchmark = {
  name: 'durable-loop',
  target: 'two state statements a tool step, at most 1.5 times the floor in time and 1.1 times in WAL',
  run: async ({ reps, postgres }) => {
    const database = await (await postgres()).database();
    const bare = await measure(database, new InMemoryStreamManager(), reps);
    const streamed = await measure(database, database.streams, reps);
    await database.close();
    return [
      costRatio({ name: 'time, 20 steps, streams in memory', target: { atMost: 1.5 } }, bare.ours, bare.floor),
      costRatio({ name: 'time, 20 steps, streams in memory, in a young process' }, bare.young.ours, bare.young.floor),
      measured({ name: 'state commits, streams in memory', target: { atMost: 2 } }, 'per step', [
        bare.counts.commit / steps,
      ]),
      wal('WAL, streams in memory', bare, { atMost: 1.1 }),
      costRatio({ name: 'time, 20 steps, streams in Postgres' }, streamed.ours, streamed.floor),
      measured({ name: 'state commits, streams in Postgres', target: { atMost: 2 } }, 'per step', [
        streamed.counts.commit / steps,
      ]),
      wal('WAL, streams in Postgres', streamed),
      ...besides('streams in memory', bare.counts),
      ...besides('streams in Postgres', streamed.counts),
    ];
  },
};

type Measured = Awaited<ReturnType<typeof measure>>;

async function measure(database: BenchDatabase, streams: StreamManager, reps: number) {
  const loop = new Loop({ store: database.store, streams });
  const { statements, commits } = await recordRun(database, () => loop.run(steps));
  // The entry and what else a session costs are ours alone: the floor is two INSERTs a step, and nothing besides.
  const work = { ours: () => loop.run(steps), floor: () => database.floor.run(commits.slice(1)) };
  const one = { ours: () => timed(work.ours), floor: () => timed(work.floor) };
  const young = await interleave(one, { reps: 5 * reps, warmUps: 10 });
  const row = {
    ours: () => timedInARow(sessionsInARow, work.ours),
    floor: () => timedInARow(sessionsInARow, work.floor),
  };
  const time = await interleave(row, { reps: 3 * reps, warmUps: warmUpsOf(sessionsInARow * steps) });
  const bytes = { ours: () => database.walBytes(work.ours), floor: () => database.walBytes(work.floor) };
  const written = await interleave(bytes, { reps });
  await loop.close();
  const counts = countByKind(statements);
  // The entry is one commit of its own; two a step are left.
  return { ...time, young, wal: written, counts: { ...counts, commit: counts.commit - 1 } };
}

function wal(name: string, { wal: { ours, floor } }: Measured, target?: Figure['target']): Figure {
  const perStep = (bytes: readonly number[]) => Math.round((bytes[0] ?? 0) / steps);
  const note = `${perStep(ours)} beside ${perStep(floor)} bytes a step`;
  return costRatio({ name, note, ...(target && { target }) }, ours, floor);
}

/** Statements that are not commits of the state. */
function besides(where: string, counts: Record<StatementKind, number>): Figure[] {
  const kinds = ['read', 'lease', 'stream', 'signal'] as const;
  return kinds.map((kind) => measured({ name: `${kind} statements, ${where}` }, 'per step', [counts[kind] / steps]));
}
