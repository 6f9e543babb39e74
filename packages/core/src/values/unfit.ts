import { maxNesting } from './nesting.ts';

/** Where a value stands in another: names and indexes, from the outside in. */
export type Path = readonly (string | number)[];

/** A part of a value that JSON cannot hold, and where it stands. */
export interface Unfit {
  readonly what: string;
  readonly path: Path;
}

/** What comes back from JSON as something else: a date, a map, `NaN`, a cycle. A member that is `undefined` may be left out. */
export function findChanged(value: unknown, path: Path = []): Unfit | undefined {
  return find(value, path, [], { read: (given) => given, whyUnfit: whyChanged });
}

/** What is lost in JSON: as {@link findChanged}, but what has a `toJSON` is what that says, and an object of a class its fields. */
export function findLost(value: unknown): Unfit | undefined {
  return find(value, [], [], { read: asItSays, whyUnfit: whyLost });
}

interface Rules {
  readonly read: (given: unknown) => unknown;
  readonly whyUnfit: (value: object) => string | undefined;
}

function find(given: unknown, path: Path, within: readonly object[], rules: Rules): Unfit | undefined {
  const value = rules.read(given);
  if (typeof value !== 'object' || value === null) return at(path, whyUnfitScalar(value));
  const why = within.includes(value) ? 'a cycle' : Array.isArray(value) ? undefined : rules.whyUnfit(value);
  // What is nested deeper has a limit of its own.
  if (why !== undefined || within.length > maxNesting) return at(path, why);
  for (const [key, member] of Object.entries(value)) {
    const found = find(member, [...path, key], [...within, value], rules);
    if (found) return found;
  }
  return undefined;
}

function at(path: Path, what: string | undefined): Unfit | undefined {
  return what === undefined ? undefined : { what, path };
}

function whyUnfitScalar(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  return ['function', 'symbol', 'bigint'].includes(typeof value) ? `a ${typeof value}` : undefined;
}

function whyChanged(value: object): string | undefined {
  if (!isPlain(value)) return instanceOf(value);
  return Object.getOwnPropertySymbols(value).length > 0 ? 'a member with a symbol for its name' : undefined;
}

/** A row of a database is an object of a class, too: it is its fields. But what keeps its data elsewhere would be `{}`. */
function whyLost(value: object): string | undefined {
  if (isPlain(value)) return undefined;
  if (isInvalidDate(value)) return 'an invalid date';
  const isLost = value instanceof Error || ArrayBuffer.isView(value) || Object.keys(value).length === 0;
  return isLost ? instanceOf(value) : undefined;
}

/** By what stands above it, not by identity: objects of another realm are plain, too. */
function isPlain(value: object): boolean {
  const parent = Object.getPrototypeOf(value) as object | null;
  return parent === null || Object.getPrototypeOf(parent) === null;
}

/** A generator and a class without a name have a constructor that has none. */
function instanceOf(value: object): string {
  const { constructor } = Object.getPrototypeOf(value) as object;
  const { [Symbol.toStringTag]: tag } = value as { readonly [Symbol.toStringTag]?: unknown };
  return `an instance of ${constructor.name || (typeof tag === 'string' ? tag : 'a class')}`;
}

/** Node's bytes say a list of numbers, and an invalid date `null`: what their `toJSON` says is not what was given. */
function asItSays(given: unknown): unknown {
  if (ArrayBuffer.isView(given) || isInvalidDate(given)) return given;
  const says = (given as { readonly toJSON?: unknown } | null | undefined)?.toJSON;
  return typeof says === 'function' ? (says.call(given) as unknown) : given;
}

function isInvalidDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime());
}
