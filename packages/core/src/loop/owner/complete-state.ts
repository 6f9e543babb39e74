import type { Agent } from '../../agent/agent.ts';
import { validate, type Checked, type Schema } from '../../agent/schema.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { messageOf } from '../../errors/message-of.ts';
import { toPointer, type PatchOperation } from '../../state/patch.ts';
import { stateValue } from '../../state/state-value.ts';
import { isObject } from '../../values/is-object.ts';
import type { Json, JsonObject } from '../../values/json.ts';

/**
 * What makes the state of a session whole: the fields that an entry gives, as the schema reads them, and those that the state lacks and
 * the schema fills in. A session may be older than its schema: one that the schema does not take is left alone where nothing is given.
 *
 * @throws HelixError `input_invalid` where what is given does not fit beside what is there; `agent_invalid` for a schema that
 *   fails, or makes what JSON cannot hold
 */
export async function completeState(
  agent: Agent,
  state: Json,
  given: JsonObject | undefined,
): Promise<readonly PatchOperation[]> {
  const known = isObject(state) ? state : {};
  const { stateSchema } = agent;
  if (!stateSchema) return setFields(agent, known, given ?? {}, Object.keys(given ?? {}));
  const read = await readState(agent, stateSchema, { ...known, ...given });
  if (!read.ok && !given) return [];
  const values = fieldsOf(agent, read, given);
  const filled = Object.keys(values).filter((field) => !Object.hasOwn(known, field));
  return setFields(agent, known, values, [...new Set([...Object.keys(given ?? {}), ...filled])]);
}

/**
 * The state of a session that is made: what the schema makes of the fields that are given.
 *
 * @throws HelixError `input_invalid` where these do not fit; `agent_invalid` where none are given and the schema does not do without,
 *   and as {@link completeState}
 */
export async function initialState(agent: Agent, given: JsonObject | undefined): Promise<Json> {
  const { name, stateSchema } = agent;
  if (!stateSchema) return given ?? {};
  const read = await readState(agent, stateSchema, given ?? {});
  if (!read.ok && !given) {
    const problem = `stateSchema does not take a session without state: ${read.issues.join('; ')}`;
    throw invalid(name, `${problem}; give the field a default, or pass state to execute`);
  }
  return asState(name, fieldsOf(agent, read, given), []);
}

async function readState({ name }: Agent, schema: Schema, state: JsonObject): Promise<Checked<unknown>> {
  try {
    return await validate(schema, state);
  } catch (cause) {
    throw invalid(name, `stateSchema failed: ${messageOf(cause)}`, cause);
  }
}

/** The fields as the schema reads them. What is given is no typing error, and nothing of it gets lost. */
function fieldsOf({ name }: Agent, read: Checked<unknown>, given: JsonObject = {}): Readonly<Record<string, unknown>> {
  if (!read.ok) throw new HelixError('input_invalid', `state of agent ${name}: ${read.issues.join('; ')}`);
  const values = read.value;
  if (!isObject(values)) throw invalid(name, 'stateSchema must give an object');
  const lost = Object.keys(given).find((field) => !Object.hasOwn(values, field));
  if (lost === undefined) return values;
  throw new HelixError('input_invalid', `state of agent ${name}: ${lost} is no field of its stateSchema`);
}

function setFields(
  { name }: Agent,
  known: JsonObject,
  values: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): PatchOperation[] {
  return fields.flatMap((field): PatchOperation[] => {
    if (values[field] === undefined) return [];
    const op = Object.hasOwn(known, field) ? 'replace' : 'add';
    return [{ op, path: toPointer([field]), value: asState(name, values[field], [field]) }];
  });
}

/** What a store must be able to hold: a date would come back as text. */
function asState(name: string, value: unknown, path: readonly string[]): Json {
  try {
    return stateValue(value, path);
  } catch (cause) {
    throw invalid(name, `stateSchema: ${messageOf(cause)}`, cause);
  }
}

function invalid(agent: string, problem: string, cause?: unknown): HelixError {
  return new HelixError('agent_invalid', `agent ${agent}: ${problem}`, { cause });
}
