import type { Figure, Target } from './benchmark.ts';
import { median, ratios, spreadOf } from './statistics.ts';

interface Described {
  readonly name: string;
  readonly target?: Target;
  readonly note?: string;
}

/** How much dearer ours is than theirs: costs of rounds that ran in pairs. */
export function costRatio(described: Described, ours: readonly number[], theirs: readonly number[]): Figure {
  return { note: beside(ours, theirs), ...described, ...spreadOf(ratios(ours, theirs)), unit: 'times' };
}

/** How much faster ours is than theirs: costs of rounds that ran in pairs. */
export function speedRatio(described: Described, ours: readonly number[], theirs: readonly number[]): Figure {
  return { note: beside(ours, theirs), ...described, ...spreadOf(ratios(theirs, ours)), unit: 'times' };
}

/** Plain values of one side. */
export function measured(described: Described, unit: Figure['unit'], values: readonly number[]): Figure {
  return { ...described, ...spreadOf(values), unit };
}

function beside(ours: readonly number[], theirs: readonly number[]): string {
  return `${short(median(ours))} beside ${short(median(theirs))} ms`;
}

/** Three digits that count. */
export function short(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
