import type { Benchmark } from './harness/benchmark.ts';
import { measured } from './harness/figures.ts';
import { liveHeapBytes } from './harness/heap.ts';
import { Loop } from './workload/loop.ts';

const steps = 20;
const sessions = 500;

/** What a process still holds after 10,000 steps: sessions that ended leave nothing behind but caches with a bound. */
export const processMemory: Benchmark = {
  name: 'process-memory',
  target: 'the heap after 10,000 steps is at most 1.05 times that after 2,000',
  run: async ({ postgres }) => {
    const database = await (await postgres()).database();
    // Streams in this process's memory would be what grows.
    const loop = new Loop({ store: database.store, streams: database.streams });
    const sizes: number[] = [];
    for (let session = 1; session <= sessions; session += 1) {
      await loop.run(steps);
      if (session % (sessions / 5) === 0) sizes.push(liveHeapBytes());
    }
    await loop.close();
    await database.close();
    const [early = 1, late = 1] = [sizes[0], sizes.at(-1)];
    const note = `${sizes.map((size) => (size / 2 ** 20).toFixed(1)).join(', ')} MB`;
    return [
      measured({ name: 'heap, 10,000 beside 2,000 steps', note, target: { atMost: 1.05 } }, 'times', [late / early]),
    ];
  },
};
