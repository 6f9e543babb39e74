import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { recordRun } from './database/record-commits.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { speedRatio } from './harness/figures.ts';
import { interleave, sessionsInARow, timedInARow, warmUpsOf } from './harness/interleave.ts';
import { Loop } from './workload/loop.ts';
import { startDurablePeer } from './workload/peer-modules.ts';
import { finding, query, thought } from './workload/texts.ts';

const steps = 20;

/** The same durable loop as others do it: each on a database of its own of the same server. */
export const peers: Benchmark = {
  name: 'peers',
  target:
    'at least 4 times faster per step than DBOS and 10 times faster than LangChain with its Postgres saver, at 20 steps',
  needs: 'peers',
  run: async ({ reps, postgres }) => {
    const server = await postgres();
    const [database, forDbos, forLangchain, forWaiting] = await Promise.all([
      server.database(),
      server.database(),
      server.database(),
      server.database(),
    ]);
    const given = { reply: { text: thought, query }, finding };
    const dbos = await startDurablePeer('dbos', { ...given, connectionString: forDbos.connectionString });
    const langchain = await startDurablePeer('langchain', {
      ...given,
      connectionString: forLangchain.connectionString,
    });
    const waiting = await startDurablePeer('langchain', {
      ...given,
      connectionString: forWaiting.connectionString,
      waits: true,
    });
    const loop = new Loop({ store: database.store, streams: new InMemoryStreamManager() });
    const { commits } = await recordRun(database, () => loop.run(steps));
    const rounds = await interleave(
      {
        ours: () => timedInARow(sessionsInARow, () => loop.run(steps)),
        floor: () => timedInARow(sessionsInARow, () => database.floor.run(commits.slice(1))),
        dbos: () => timedInARow(sessionsInARow, () => dbos.run(steps)),
        langchain: () => timedInARow(sessionsInARow, () => langchain.run(steps)),
        waiting: () => timedInARow(sessionsInARow, () => waiting.run(steps)),
      },
      { reps: 2 * reps, warmUps: warmUpsOf(sessionsInARow * steps) },
    );
    await Promise.all([loop, dbos, langchain, waiting].map((side) => side.close()));
    await Promise.all([database, forDbos, forLangchain, forWaiting].map((its) => its.close()));
    return [
      speedRatio({ name: 'faster than DBOS', target: { atLeast: 4 } }, rounds.ours, rounds.dbos),
      speedRatio({ name: 'faster than LangChain', target: { atLeast: 10 } }, rounds.ours, rounds.langchain),
      speedRatio({ name: 'faster than LangChain that waits until a step is saved' }, rounds.ours, rounds.waiting),
      // What nothing that writes twice a step can pass on this machine.
      speedRatio({ name: 'floor, faster than DBOS' }, rounds.floor, rounds.dbos),
      speedRatio({ name: 'floor, faster than LangChain' }, rounds.floor, rounds.langchain),
    ];
  },
};
