import type { ErrorCode } from './errors/error-table.ts';
import { HelixError } from './errors/helix-error.ts';

/** The names that an object of options may have. */
export interface Members {
  readonly known: readonly string[];
  /** Those of features that a later release has. */
  readonly later?: readonly string[];
  /** By names that others use for the same: what it is called here. */
  readonly called?: Readonly<Record<string, string>>;
  /** What is wrong where a name is unknown. Default `input_invalid`. */
  readonly code?: ErrorCode;
}

/**
 * Refuses what is no object, and members that nobody reads: a typing error that is ignored shows much later, as something else. A member that is
 * undefined asks for nothing. `at` is what stands before the name in the message: `limits.`, `agent helper: `.
 *
 * @throws HelixError `framework_not_supported` for what comes later; else the code given, naming what may have been meant
 */
export function refuseUnknown(
  at: string,
  given: object,
  { known, later = [], called = {}, code = 'input_invalid' }: Members,
): void {
  if (typeof given !== 'object' || given === null) {
    const takes = at.endsWith('.') ? `${at.slice(0, -1)} must be` : `${at}takes`;
    throw new HelixError(code, `${takes} an object with ${known.join(', ')}`);
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    if (later.includes(name))
      throw new HelixError('framework_not_supported', `${at}${name} is not supported by this release`);
    const other = Object.hasOwn(called, name) ? called[name] : undefined;
    const meant = other ?? known.find((one) => isClose(one.toLowerCase(), name.toLowerCase()));
    const instead = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
    throw new HelixError(code, `${at}${name} is unknown; ${instead}`);
  }
}

/** One slip of the fingers apart: the same but for at most two letters in one place. */
function isClose(one: string, other: string): boolean {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one];
  let begin = 0;
  while (begin < shorter.length && shorter[begin] === longer[begin]) begin += 1;
  let end = 0;
  while (end < shorter.length - begin && shorter.at(-1 - end) === longer.at(-1 - end)) end += 1;
  return longer.length - begin - end <= 2;
}
