import { HelixError } from '../errors/helix-error.ts';
import { asJson, toJson, type Json } from '../values/json.ts';
import { isTooDeep, maxNesting } from '../values/nesting.ts';
import { findChanged, type Path } from '../values/unfit.ts';
import { toPointer } from './patch.ts';

/**
 * A value as the state keeps it: a copy that is JSON. A member that is `undefined` is left out; in a list it is `null`. `whole` is
 * what the value is part of.
 *
 * @throws HelixError `input_invalid`, naming what JSON cannot hold, and its path: what came back from the store would be something else
 */
export function stateValue(value: unknown, path: Path, whole = 'the state'): Json {
  const copied = asJson(value);
  if (copied !== undefined) return copied;
  const cannotHold = (what: string, where: Path) =>
    new HelixError(
      'input_invalid',
      `${whole} cannot hold ${what} at ${toPointer(where) || 'its root'}: it is kept as JSON`,
    );
  const unfit = findChanged(value, path);
  if (unfit) throw cannotHold(unfit.what, unfit.path);
  if (isTooDeep(value)) throw cannotHold(`data nested deeper than ${maxNesting} levels`, path);
  return toJson(value);
}
