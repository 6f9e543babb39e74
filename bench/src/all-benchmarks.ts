import { durableLoop } from './durable-loop.bench.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { inMemory } from './in-memory.bench.ts';
import { inMemoryScale } from './in-memory-scale.bench.ts';
import { longSession } from './long-session.bench.ts';
import { manySessions } from './many-sessions.bench.ts';
import { peers } from './peers.bench.ts';
import { processMemory } from './process-memory.bench.ts';
import { slowNetwork } from './slow-network.bench.ts';
import { startTime } from './start-time.bench.ts';
import { statementAlone } from './statement.bench.ts';
import { streamFanOut } from './stream-fan-out.bench.ts';
import { streamLatency } from './stream-latency.bench.ts';
import { takeover } from './takeover.bench.ts';

/** In the order of the table. */
export const allBenchmarks: readonly Benchmark[] = [
  durableLoop,
  statementAlone,
  slowNetwork,
  manySessions,
  longSession,
  processMemory,
  peers,
  inMemory,
  inMemoryScale,
  streamFanOut,
  streamLatency,
  takeover,
  startTime,
];
