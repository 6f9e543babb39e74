import { Coverage, type CoverageCounts } from './coverage.ts';
import type { Violation } from './judges/violation.ts';
import { runWorlds } from './run-worlds.ts';
import type { World, WorldOptions } from './world.ts';

/** Every `step`th seed from `from` on, below `end`. */
export interface SeedRange {
  readonly from: number;
  readonly step: number;
  readonly end: number;
}

/** What worlds came to; plain data, so that it passes between threads. */
export interface SeedReport {
  readonly runs: number;
  readonly events: number;
  readonly coverage: CoverageCounts;
  readonly broken: readonly (Violation & { readonly seed: number })[];
}

/** Runs the worlds of a range of seeds to their ends. */
export async function runSeeds(range: SeedRange, options: WorldOptions = {}): Promise<SeedReport> {
  // Stacks of errors that a fault makes cost more than the rest of a world.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const coverage = new Coverage();
  const broken: (Violation & { seed: number })[] = [];
  let runs = 0;
  let events = 0;
  const judge = (world: World) => {
    runs += 1;
    events += world.events;
    coverage.merge(world.coverage.counts);
    if (world.violation) broken.push({ ...world.violation, seed: world.seed });
    return true;
  };
  await runWorlds(seedsOf(range), judge, options);
  Error.stackTraceLimit = stackTraceLimit;
  return { runs, events, broken, coverage: coverage.counts };
}

function* seedsOf({ from, step, end }: SeedRange): Generator<number> {
  for (let seed = from; seed < end; seed += step) yield seed;
}
