import { VercelAIAdapter } from '@helix-agents/llm-vercel';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import type { Benchmark, Figure } from './harness/benchmark.ts';
import { costRatio } from './harness/figures.ts';
import { interleave, timedInARow } from './harness/interleave.ts';
import { instantProvider } from './workload/instant-provider.ts';
import { InstantModel, loopingAgent } from './workload/looping-agent.ts';
import { Loop } from './workload/loop.ts';
import { startAiSdk } from './workload/peer-modules.ts';
import { finding } from './workload/texts.ts';

const steps = 20;
/** More than elsewhere: a session takes a millisecond. */
const sessions = 20;
/** Until the code of all sides is compiled for good. */
const warmUps = 20;

/** The loop without a disk, with everything on: state writes, records, a stream that somebody reads. */
export const inMemory: Benchmark = {
  name: 'in-memory',
  target: "one step at most a fifth of the AI SDK's ToolLoopAgent, with 50 deltas a reply at most a twentieth",
  needs: 'peers',
  run: async ({ reps }) => [...(await besideAiSdk(1, 0.2, reps)), ...(await besideAiSdk(50, 0.05, reps))],
};

/** Both read their stream to the end. `adapter` asks the AI SDK's own model through our adapter; the other asks none of its code. */
async function besideAiSdk(deltas: number, atMost: number, reps: number): Promise<Figure[]> {
  const model = instantProvider(deltas);
  const agents = {
    bare: loopingAgent(steps, { writesState: true }),
    adapter: loopingAgent(steps, { writesState: true, model }),
  };
  const stores = () => ({ store: new InMemoryStateStore(), streams: new InMemoryStreamManager() });
  const bare = new Loop({ ...stores(), llm: new InstantModel(deltas) });
  const adapter = new Loop({ ...stores(), llm: new VercelAIAdapter() });
  const peer = await startAiSdk({ model, finding });
  const rounds = await interleave(
    {
      bare: () => timedInARow(sessions, () => bare.runRead(agents.bare)),
      adapter: () => timedInARow(sessions, () => adapter.runRead(agents.adapter)),
      stream: () => timedInARow(sessions, () => peer.stream(steps)),
      generate: () => timedInARow(sessions, () => peer.generate(steps)),
    },
    { reps: 4 * reps, warmUps },
  );
  await Promise.all([bare.close(), adapter.close()]);
  const name = deltas === 1 ? 'one delta a reply' : `${deltas} deltas a reply`;
  return [
    costRatio({ name: `${name}, beside AI SDK stream()`, target: { atMost } }, rounds.bare, rounds.stream),
    costRatio({ name: `${name}, through our AI SDK adapter, beside stream()` }, rounds.adapter, rounds.stream),
    costRatio({ name: `${name}, beside AI SDK generate()` }, rounds.bare, rounds.generate),
  ];
}
