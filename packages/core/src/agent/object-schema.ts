import { HelixError } from '../errors/helix-error.ts';
import type { JsonObject } from '../values/json.ts';
import { toJsonSchema, type Schema } from './schema.ts';

/**
 * The JSON Schema of a tool's arguments: providers take objects only.
 *
 * @throws HelixError with the code where it is none, and `schema_not_representable`
 */
export function objectSchema(code: 'agent_invalid' | 'tool_invalid', what: string, schema: Schema): JsonObject {
  const json = toJsonSchema(what, schema);
  if (json['type'] === 'object') return json;
  const kind = json['anyOf'] || json['oneOf'] ? 'a union' : JSON.stringify(json['type'] ?? 'any value');
  throw new HelixError(code, `${what} must describe an object, not ${kind}; wrap it in one`);
}
