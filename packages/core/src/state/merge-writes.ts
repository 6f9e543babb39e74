import { HelixError } from '../errors/helix-error.ts';
import { messageOf } from '../errors/message-of.ts';
import { isObject } from '../values/is-object.ts';
import type { Json, JsonObject } from '../values/json.ts';
import { applyPatch, parsePointer, toPointer, type PatchOperation } from './patch.ts';
import { stateValue } from './state-value.ts';

/**
 * How writes of calls that ran side by side come together in a field. `replace`: the later call wins. `append`: what each added
 * to the end of the list. `merge`: the members that each changed or removed, the later winning. `sum`: the differences added up. A function gets the
 * value so far, what this call made of the value at the start, and that value.
 */
export type StateReducer = 'replace' | 'append' | 'merge' | 'sum' | ((soFar: Json, written: Json, base: Json) => Json);

/** Reducers by top-level field of the custom state. */
export type StateReducers = Readonly<Record<string, StateReducer | undefined>>;

/** The reducers that the fields of a state can have, each by what it holds. */
export type ReducersOf<TState> = { readonly [Field in keyof TState]?: ReducerOf<TState[Field]> | undefined };

type ReducerOf<Value> = unknown extends Value
  ? StateReducer
  :
      | 'replace'
      | NamedFor<NonNullable<Value>>
      | ((soFar: OrNull<Value>, written: OrNull<Value>, base: OrNull<Value>) => OrNull<Value>);

type NamedFor<Value> = Value extends readonly unknown[]
  ? 'append'
  : Value extends number
    ? 'sum'
    : Value extends object
      ? 'merge'
      : never;

/** A field that is not there is null. */
type OrNull<Value> = undefined extends Value ? NonNullable<Value> | null : Value;

/**
 * The one patch that several writes come to. Each was made from the same `base`, in ignorance of the others; they are taken in
 * the order given, so the same writes give the same state on every runtime.
 *
 * @throws HelixError `framework_reducer_failed` where a reducer throws, answers what is not JSON, or does not fit its field
 */
export function mergeWrites(
  base: Json,
  writes: readonly (readonly PatchOperation[])[],
  reducers: StateReducers,
): PatchOperation[] {
  const effective = writes.filter((write) => write.length > 0);
  const [only] = effective;
  if (effective.length === 1 && only) return [...only];
  const merged: PatchOperation[] = [];
  const touched = new Set<string>();
  let soFar = base;
  for (const write of effective) {
    const operations = mergeOne(base, soFar, write, touched, reducers);
    soFar = applyPatch(soFar, operations);
    merged.push(...operations);
  }
  return merged;
}

function mergeOne(
  base: Json,
  soFar: Json,
  write: readonly PatchOperation[],
  touched: Set<string>,
  reducers: StateReducers,
): PatchOperation[] {
  const written = applyPatch(base, write);
  const fields = [...new Set(write.map(({ path }) => parsePointer(path)[0] ?? ''))];
  return fields.flatMap((field) => {
    const first = !touched.has(field);
    touched.add(field);
    if (first) return write.filter(({ path }) => (parsePointer(path)[0] ?? '') === field);
    return reduceField(
      field,
      { soFar: member(soFar, field), written: member(written, field), base: member(base, field) },
      Object.hasOwn(reducers, field) ? reducers[field] : undefined,
    );
  });
}

interface FieldValues {
  readonly soFar: Json | undefined;
  readonly written: Json | undefined;
  readonly base: Json | undefined;
}

function reduceField(field: string, values: FieldValues, reducer: StateReducer = 'replace'): PatchOperation[] {
  const { soFar, written, base } = values;
  const path = toPointer([field]);
  if (written === undefined) return soFar === undefined ? [] : [{ op: 'remove', path }];
  if (typeof reducer !== 'function') refuseUnfit(field, reducer, [soFar, written]);
  if (reducer === 'append' && Array.isArray(soFar) && Array.isArray(written)) return append(path, soFar, written, base);
  const value =
    typeof reducer === 'function'
      ? reduceBy(reducer, field, [soFar ?? null, written, base ?? null])
      : reduce(soFar ?? null, written, base ?? null, reducer);
  return [{ op: soFar === undefined ? 'add' : 'replace', path, value }];
}

const fits = {
  replace: () => true,
  append: (value: Json) => Array.isArray(value),
  merge: (value: Json) => isObject(value),
  sum: (value: Json) => typeof value === 'number',
};

/** Else the write of one call would silently take the place of the others'. */
function refuseUnfit(field: string, reducer: keyof typeof fits, values: readonly (Json | undefined)[]): void {
  const unfit = values.find((value) => value !== undefined && value !== null && !fits[reducer](value));
  if (unfit === undefined) return;
  const kind = Array.isArray(unfit) ? 'list' : typeof unfit;
  throw new HelixError('framework_reducer_failed', `reducers.${field}: ${reducer} does not fit a ${kind}`);
}

function append(
  path: string,
  soFar: readonly Json[],
  written: readonly Json[],
  base: Json | undefined,
): PatchOperation[] {
  const added = written.slice(Array.isArray(base) ? base.length : 0);
  return added.map((value, index) => ({ op: 'add', path: `${path}/${soFar.length + index}`, value }));
}

type ReducerFunction = Extract<StateReducer, (...values: never[]) => unknown>;

function reduceBy(reducer: ReducerFunction, field: string, values: Parameters<ReducerFunction>): Json {
  try {
    const value: unknown = reducer(...values);
    if (value === undefined) throw new TypeError('it answered nothing');
    return stateValue(value, [field]);
  } catch (cause) {
    throw new HelixError('framework_reducer_failed', `reducers.${field}: ${messageOf(cause)}`, { cause });
  }
}

/** Where there is nothing yet, or nothing any more, what was written stands. */
function reduce(soFar: Json, written: Json, base: Json, reducer: Exclude<StateReducer, ReducerFunction>): Json {
  if (reducer === 'merge' && isObject(soFar) && isObject(written)) return mergeMembers(soFar, written, base);
  if (reducer === 'sum' && typeof soFar === 'number' && typeof written === 'number') {
    return soFar + written - (typeof base === 'number' ? base : 0);
  }
  return written;
}

/** Only what this call changed or removed: its copy of the rest is as old as the base. */
function mergeMembers(soFar: JsonObject, written: JsonObject, base: Json): Json {
  if (!isObject(base)) return { ...soFar, ...written };
  const kept = Object.entries(soFar).filter(([key]) => Object.hasOwn(written, key) || !Object.hasOwn(base, key));
  const changed = Object.entries(written).filter(
    ([key, value]) => !Object.hasOwn(base, key) || JSON.stringify(value) !== JSON.stringify(base[key]),
  );
  return Object.fromEntries([...kept, ...changed]);
}

function member(value: Json, field: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
}
