import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import type { Benchmark } from './harness/benchmark.ts';
import { costRatio, speedRatio } from './harness/figures.ts';
import { interleave, timed } from './harness/interleave.ts';
import { loopingAgent } from './workload/looping-agent.ts';
import { Loop } from './workload/loop.ts';

const sessions = 100;

/** The same work in longer sessions, and in many at once: neither may make a step dearer. */
export const inMemoryScale: Benchmark = {
  name: 'in-memory-scale',
  target:
    'a step of 200 costs at most 1.15 times a step of 20; 100 sessions at once make at least 0.9 times the steps per second of one',
  run: async ({ reps }) => {
    const short = loopingAgent(20, { writesState: true });
    const long = loopingAgent(200, { writesState: true });
    // A process of its own lifetime for each round: what earlier rounds left in memory is not theirs to pay.
    const fresh = () => new Loop({ store: new InMemoryStateStore(), streams: new InMemoryStreamManager() });
    const inTurn = (agent: typeof short, times: number) => async () => {
      const loop = fresh();
      for (let time = 0; time < times; time += 1) await loop.run(agent);
      await loop.close();
    };
    const atOnce = async () => {
      const loop = fresh();
      await Promise.all(Array.from({ length: sessions }, () => loop.run(short)));
      await loop.close();
    };
    const rounds = await interleave(
      {
        long: () => timed(inTurn(long, sessions / 10)),
        short: () => timed(inTurn(short, sessions)),
        atOnce: () => timed(atOnce),
      },
      { reps: 2 * reps, warmUps: 3 },
    );
    return [
      costRatio({ name: 'a step of 200 beside one of 20', target: { atMost: 1.15 } }, rounds.long, rounds.short),
      speedRatio(
        { name: '100 sessions at once beside one by one', target: { atLeast: 0.9 } },
        rounds.atOnce,
        rounds.short,
      ),
    ];
  },
};
