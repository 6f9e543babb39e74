import type { BenchPostgres } from '../database/bench-postgres.ts';

/** What a figure must keep. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** One number that a benchmark comes to: the median of its rounds, and how far they lay apart. */
export interface Figure {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** `times`: a ratio between two sides of one run, the only kind that says something about another machine. */
  readonly unit: 'times' | 'ms' | 'per step' | 'bytes' | 'per second';
  /** Figures without one are shown and not judged. */
  readonly target?: Target;
  /** The absolute numbers behind a ratio. */
  readonly note?: string;
}

/** What a benchmark gets. */
interface BenchRun {
  /** Rounds of each side; short rounds are repeated more often. */
  readonly reps: number;
  /** A server with fsync on, started when it is first asked for. */
  readonly postgres: () => Promise<BenchPostgres>;
}

export interface Benchmark {
  /** Unique; what `--only` takes. */
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly target: string;
  /** What must be there first; without it the benchmark is left out, and said so. */
  readonly needs?: 'peers' | 'dist';
  run(run: BenchRun): Promise<readonly Figure[]>;
}
