/** What a simulation came to. */
interface Outcome {
  /** Worlds that broke a rule. */
  readonly broken: number;
  readonly runs: number;
  /** What so many worlds should have reached, and did not. */
  readonly lacks: readonly string[];
}

/** Few runs need not reach everything. */
const runsThatReachAll = 20_000;

/** 0 where no rule was broken, by worlds in which everything could happen that is to be withstood. */
export function exitCodeOf({ broken, runs, lacks }: Outcome): 0 | 1 {
  return broken > 0 || (runs >= runsThatReachAll && lacks.length > 0) ? 1 : 0;
}
