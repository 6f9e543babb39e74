import type { Json, JsonObject } from '@helix-agents/core';

/** How a provider limits the schemas that it can decode strictly. */
export interface StrictRules {
  /** Whether an object may have properties that are not required. */
  readonly optionalFields: boolean;
  /** Whether a number may have bounds, and a list a length. */
  readonly bounds: boolean;
  /** Whether a schema may name another, or itself. */
  readonly references: boolean;
  /** Whether a pattern may look ahead or back; the AI SDK leaves such a pattern out for OpenAI. */
  readonly lookaround: boolean;
  /** The formats that a text may have. */
  readonly formats: readonly string[];
}

/**
 * The schema as a provider takes it for strict decoding: every object closed. Undefined where the provider would refuse it
 * (open objects, keywords it does not know, optional fields), because the request would fail as a whole.
 */
export function strictSchema(schema: JsonObject, rules: StrictRules): JsonObject | undefined {
  let fits = true;
  const close = (given: JsonObject): JsonObject => {
    const node = withoutIdleBounds(given);
    fits &&= canBeStrict(node, rules);
    return mapSubschemas(isObjectSchema(node) ? { ...node, additionalProperties: false } : node, close);
  };
  const closed = close(schema);
  return fits ? closed : undefined;
}

const unknownKeywords = [
  'oneOf',
  'allOf',
  'not',
  'if',
  'patternProperties',
  'prefixItems',
  'dependentRequired',
  'minLength',
  'maxLength',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
];

const boundKeywords = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'maxItems'];

function canBeStrict(node: JsonObject, rules: StrictRules): boolean {
  if (unknownKeywords.some((keyword) => keyword in node)) return false;
  if (!rules.bounds && hasBounds(node)) return false;
  if (!rules.references && '$ref' in node) return false;
  if (!rules.lookaround && looksAround(node['pattern'])) return false;
  if (typeof node['format'] === 'string' && !rules.formats.includes(node['format'])) return false;
  return !isObjectSchema(node) || isClosable(node, rules);
}

function looksAround(pattern: Json | undefined): boolean {
  return typeof pattern === 'string' && /\(\?<?[=!]/.test(pattern);
}

/** That a list is not empty is the one bound that all know. */
function hasBounds(node: JsonObject): boolean {
  return boundKeywords.some((keyword) => keyword in node) || Number(node['minItems'] ?? 0) > 1;
}

function isClosable(node: JsonObject, { optionalFields }: StrictRules): boolean {
  if ((node['additionalProperties'] ?? false) !== false) return false;
  const required = Array.isArray(node['required']) ? node['required'] : [];
  return optionalFields || Object.keys(objectAt(node, 'properties')).every((name) => required.includes(name));
}

/** Zod writes them at each integer. */
function withoutIdleBounds(node: JsonObject): JsonObject {
  const { minimum, maximum, ...rest } = node;
  const kept = {
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  };
  return { ...rest, ...kept };
}

function isObjectSchema(node: JsonObject): boolean {
  return [node['type']].flat().includes('object') || 'properties' in node;
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
