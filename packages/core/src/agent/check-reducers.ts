import { HelixError } from '../errors/helix-error.ts';
import { refuseUnknown } from '../refuse-unknown.ts';
import type { StateReducers } from '../state/merge-writes.ts';
import { isObject } from '../values/is-object.ts';
import type { Json, JsonObject } from '../values/json.ts';

/**
 * Refuses a reducer that does not exist, of a field that the state does not have, or that does not fit what the field holds, naming the
 * field. `state` is the JSON Schema of the state; null where it is not known.
 *
 * @throws HelixError `agent_invalid`
 */
export function checkReducers(agent: string, reducers: StateReducers, state: JsonObject | null): void {
  const { properties, additionalProperties = false } = state ?? {};
  const fields = isObject(properties) ? properties : null;
  if (fields && additionalProperties === false)
    refuseUnknown(`agent ${agent}: reducers.`, reducers, { known: Object.keys(fields), code: 'agent_invalid' });
  for (const [field, reducer] of Object.entries(reducers)) {
    if (reducer === undefined || typeof reducer === 'function') continue;
    const problem = findProblem(reducer, fields?.[field]);
    if (problem) throw new HelixError('agent_invalid', `agent ${agent}: reducers.${field} ${problem}`);
  }
}

function findProblem(reducer: string, field: Json | undefined): string | null {
  const takes = merged.get(reducer);
  if (!takes) return 'must be replace, append, merge, sum or a function';
  const held = typesOf(field);
  if (reducer === 'replace' || !held || held.some((type) => takes.includes(type))) return null;
  return `must fit its field: ${reducer} is for ${takes.join(' or ')}, not for ${held.join(' or ')}`;
}

/** The types of JSON Schema whose values each reducer merges. */
const merged: ReadonlyMap<string, readonly string[]> = new Map([
  ['replace', []],
  ['append', ['array']],
  ['merge', ['object']],
  ['sum', ['number', 'integer']],
]);

/** What a field holds; null where its schema does not say. */
function typesOf(schema: Json | undefined): readonly string[] | null {
  if (!isObject(schema)) return null;
  const { type, anyOf } = schema;
  if (type !== undefined) return [type].flat().map(String);
  if (!Array.isArray(anyOf)) return null;
  const types = anyOf.map(typesOf);
  return types.includes(null) ? null : types.flatMap((one) => one ?? []);
}
