import { setTimeout as sleep } from 'node:timers/promises';
import { followSession, resolvePorts, type StreamFrame } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import type { Benchmark } from './harness/benchmark.ts';
import { BenchDatabase } from './database/bench-database.ts';
import { measured } from './harness/figures.ts';
import { timed } from './harness/interleave.ts';
import { percentile } from './harness/statistics.ts';
import { MusingModel, speakingAgent, SpeakingModel } from './workload/speaking-agent.ts';

const pacedDeltas = 100;
const paceMs = 20;
const history = 10_000;

/** How late a delta arrives in another process, and how long a reader who comes back waits. */
export const streamLatency: Benchmark = {
  name: 'stream-latency',
  target: 'at 50 deltas a second p99 under 15 ms; after 10,000 chunks a reader goes on within 50 ms',
  run: async ({ reps, postgres }) => {
    const writing = await (await postgres()).database();
    // Another pool, another notifier: signals take the way through the database, as between two processes.
    const reading = new BenchDatabase(writing.connectionString, 6);
    const delays: number[] = [];
    for (let rep = -1; rep < reps; rep += 1) {
      const late = await pacedDelays(writing, reading);
      if (rep >= 0) delays.push(percentile(late, 0.99));
    }
    const sessionId = await longReply(writing);
    const resumes: number[] = [];
    const replays: number[] = [];
    for (let rep = 0; rep < reps; rep += 1) {
      resumes.push(await timed(() => readFrom(reading, sessionId, history - 10)));
      replays.push(await timed(() => readFrom(reading, sessionId, 0)));
    }
    await reading.close();
    await writing.close();
    return [
      measured({ name: 'p99 of the delivery, 50 deltas a second', target: { atMost: 15 } }, 'ms', delays),
      measured({ name: 'resume behind 10,000 chunks', target: { atMost: 50 } }, 'ms', resumes),
      measured({ name: 'all 10,000 chunks again' }, 'ms', replays),
    ];
  },
};

/** Milliseconds from each delta's making to its arrival. A delta carries the time at which it was made. */
async function pacedDelays(writing: BenchDatabase, reading: BenchDatabase): Promise<number[]> {
  const model = new SpeakingModel(pacedDeltas, async () => {
    await sleep(paceMs);
    return `${performance.now()} `;
  });
  const executor = new JSAgentExecutor(writing.store, writing.streams, model);
  const { sessionId } = await executor.execute(speakingAgent, 'Speak.');
  const delays: number[] = [];
  for await (const frames of follow(reading, sessionId, 0)) {
    const now = performance.now();
    for (const frame of frames) {
      if (frame.type !== 'chunk' || frame.chunk.type !== 'text_delta') continue;
      // Deltas that waited together came as one.
      for (const madeAt of frame.chunk.delta.trim().split(' ')) delays.push(now - Number(madeAt));
    }
  }
  await executor.close();
  if (delays.length !== pacedDeltas) throw new Error(`a reader got ${delays.length} of ${pacedDeltas} deltas`);
  return delays;
}

async function longReply(database: BenchDatabase): Promise<string> {
  const executor = new JSAgentExecutor(database.store, database.streams, new MusingModel(history));
  const handle = await executor.execute(speakingAgent, 'Speak.');
  await handle.result();
  await executor.close();
  return handle.sessionId;
}

async function readFrom(database: BenchDatabase, sessionId: string, after: number): Promise<void> {
  let chunks = 0;
  for await (const frames of follow(database, sessionId, after)) chunks += frames.length;
  if (chunks < history - after) throw new Error(`a reader got ${chunks} of ${history - after} chunks`);
}

function follow(
  { store, streams }: BenchDatabase,
  sessionId: string,
  after: number,
): AsyncGenerator<readonly StreamFrame[]> {
  const { clock } = resolvePorts();
  return followSession({ stateStore: store, streamManager: streams, sessionId, after, clock });
}
