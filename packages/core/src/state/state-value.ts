import { asJson, toJson, type Json } from '../json.ts';
import { isTooDeep } from '../nesting.ts';
import { maxNesting } from '../ports/limits.ts';
import { toPointer } from './patch.ts';

type Path = readonly (string | number)[];

/**
 * A value as the state keeps it: a copy that is JSON. A member that is `undefined` is left out; in a list it is `null`.
 *
 * @throws TypeError naming what JSON cannot hold, and its path: what came back from the store would be something else
 */
export function stateValue(value: unknown, path: Path): Json {
  const copied = asJson(value);
  if (copied !== undefined) return copied;
  refuseUnfit(value, path, []);
  if (isTooDeep(value)) throw cannotHold(`data nested deeper than ${maxNesting} levels`, path);
  return toJson(value);
}

function refuseUnfit(value: unknown, path: Path, within: readonly object[]): void {
  const unfit = whyUnfit(value, within);
  if (unfit !== undefined) throw cannotHold(unfit, path);
  if (typeof value !== 'object' || value === null || within.length > maxNesting) return;
  for (const [key, member] of Object.entries(value)) refuseUnfit(member, [...path, key], [...within, value]);
}

function cannotHold(what: string, path: Path): TypeError {
  return new TypeError(`the state cannot hold ${what} at ${toPointer(path) || 'its root'}: it is kept as JSON`);
}

function whyUnfit(value: unknown, within: readonly object[]): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `a ${typeof value}`;
  return typeof value === 'object' && value !== null ? whyUnfitObject(value, within) : undefined;
}

function whyUnfitObject(value: object, within: readonly object[]): string | undefined {
  if (within.includes(value)) return 'a cycle';
  if (Array.isArray(value)) return undefined;
  const parent = Object.getPrototypeOf(value) as object | null;
  // By what stands above it, not by identity: objects of another realm are plain, too.
  if (parent !== null && Object.getPrototypeOf(parent) !== null) return `an instance of ${parent.constructor.name}`;
  return Object.getOwnPropertySymbols(value).length > 0 ? 'a member with a symbol for its name' : undefined;
}
