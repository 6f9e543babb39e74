import type { Json, JsonObject } from '@helix-agents/core';

/** How a provider limits the schemas that it can decode strictly. */
export interface StrictRules {
  /** Whether an object may have properties that are not required. */
  readonly optionalFields: boolean;
}

/**
 * The schema as a provider takes it for strict decoding: every object closed. Undefined where the provider would refuse it
 * (open objects, keywords it does not know, optional fields), because the request would fail as a whole.
 */
export function strictSchema(schema: JsonObject, rules: StrictRules): JsonObject | undefined {
  let fits = true;
  const close = (node: JsonObject): JsonObject => {
    fits &&= canBeStrict(node, rules);
    return mapSubschemas(isObjectSchema(node) ? { ...node, additionalProperties: false } : node, close);
  };
  const closed = close(schema);
  return fits ? closed : undefined;
}

const unknownKeywords = ['oneOf', 'allOf', 'not', 'if', 'patternProperties', 'prefixItems', 'dependentRequired'];

function canBeStrict(node: JsonObject, { optionalFields }: StrictRules): boolean {
  if (unknownKeywords.some((keyword) => keyword in node)) return false;
  if (!isObjectSchema(node)) return true;
  if ((node['additionalProperties'] ?? false) !== false) return false;
  const required = Array.isArray(node['required']) ? node['required'] : [];
  return optionalFields || Object.keys(objectAt(node, 'properties')).every((name) => required.includes(name));
}

function isObjectSchema(node: JsonObject): boolean {
  return node['type'] === 'object' || 'properties' in node;
}

/** A copy with `change` applied to each direct subschema. */
function mapSubschemas(node: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const copy = { ...node };
  const changed = (value: Json): Json => (isJsonObject(value) ? change(value) : value);
  for (const key of ['properties', '$defs', 'definitions']) {
    if (!(key in node)) continue;
    copy[key] = Object.fromEntries(Object.entries(objectAt(node, key)).map(([name, value]) => [name, changed(value)]));
  }
  if (node['items'] !== undefined) copy['items'] = changed(node['items']);
  if (Array.isArray(node['anyOf'])) copy['anyOf'] = node['anyOf'].map(changed);
  return copy;
}

function objectAt(node: JsonObject, key: string): JsonObject {
  const value = node[key];
  return value !== undefined && isJsonObject(value) ? value : {};
}

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
