import { HelixError } from '@helix-agents/core';

/** The last that a column of ours holds: nothing comes after it. */
const lastPlace = 2 ** 31 - 1;

/**
 * The place after which something is asked for, as our columns hold it.
 *
 * @throws HelixError `input_invalid` for what is no whole number
 */
export function placeAfter(after: number): number {
  if (Number.isInteger(after)) return Math.min(Math.max(0, after), lastPlace);
  throw new HelixError('input_invalid', `after must be a whole number, got ${after}`);
}
