import { HelixError } from '../../errors/helix-error.ts';
import { maxNesting } from '../../values/nesting.ts';

/** The failure of what is nested too deeply. */
export function tooDeep(what: string): HelixError {
  return new HelixError('tool_limit_exceeded', `${what} nested deeper than ${maxNesting} levels`);
}
