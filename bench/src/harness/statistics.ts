export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError for no values */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: quantile(sorted, 0.5), min: quantile(sorted, 0), max: quantile(sorted, 1) };
}

export function median(values: readonly number[]): number {
  return spreadOf(values).median;
}

/** The value below which this share of the values lies, such as 0.99. */
export function percentile(values: readonly number[], share: number): number {
  return quantile(
    values.toSorted((one, other) => one - other),
    share,
  );
}

/** Ratios pair by pair: two rounds that ran one after the other met the same machine. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((cost, index) => cost / (theirs[index] ?? Number.NaN));
}

function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new RangeError('there are no rounds to sum up');
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? 0;
  return low + (high - low) * (at - Math.floor(at));
}
