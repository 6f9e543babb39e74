import { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { PostgresStatement } from '@helix-agents/store-postgres';
import type { Benchmark } from './harness/benchmark.ts';
import type { BenchDatabase } from './database/bench-database.ts';
import { costRatio } from './harness/figures.ts';
import { interleave, timed } from './harness/interleave.ts';
import { Loop } from './workload/loop.ts';
import { recordRun, sentAppends } from './database/record-commits.ts';

/** The statement of a commit alone, without the loop around it: sent again for other sessions as the store sends it, beside the same bytes inserted plainly. */
export const statementAlone: Benchmark = {
  name: 'statement',
  target: 'the statement of a commit costs at most 1.15 plain INSERTs of the same bytes',
  run: async ({ reps, postgres }) => {
    const database = await (await postgres()).database();
    const loop = new Loop({ store: database.store, streams: new InMemoryStreamManager() });
    const { statements, commits } = await recordRun(database, () => loop.run(100));
    await loop.close();
    const create = statements.find(({ name }) => name?.endsWith('.create_session'));
    const appends = sentAppends(statements);
    if (!create || appends.length === 0) throw new Error('the session of the benchmark made no commits');
    const rounds = await interleave(
      {
        ours: await replays(database, create, appends),
        floor: () => timed(() => database.floor.run(commits.slice(1, appends.length + 1))),
      },
      { reps: 3 * reps, warmUps: 5 },
    );
    await database.close();
    return [costRatio({ name: 'commit beside INSERT', target: { atMost: 1.15 } }, rounds.ours, rounds.floor)];
  },
};

/** Each round sends the same appends to a session of its own; making it is not part of the round. */
async function replays(
  database: BenchDatabase,
  create: PostgresStatement,
  appends: readonly PostgresStatement[],
): Promise<() => Promise<number>> {
  const original = create.values[1];
  return async () => {
    const sessionId = database.floor.sessionId();
    const send = (statement: PostgresStatement) =>
      database.port.query({
        ...statement,
        values: statement.values.map((value) => (value === original ? sessionId : value)),
      });
    await send(create);
    return timed(async () => {
      for (const append of appends) await send(append);
    });
  };
}
