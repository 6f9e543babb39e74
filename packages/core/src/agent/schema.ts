import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { andThen } from '../and-then.ts';
import { HelixError, type HelixErrorOptions } from '../errors/helix-error.ts';
import { messageOf } from '../errors/message-of.ts';
import type { JsonObject } from '../values/json.ts';

/**
 * A schema of any library that speaks Standard Schema and gives JSON Schema (StandardJSONSchemaV1): Zod 4.2 or later, ArkType, Valibot
 * through `toStandardJsonSchema`. Not `zod/mini`, which gives none.
 */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;
/** What a schema takes: before its defaults and transformations. */
export type SchemaInput<S extends Schema> = StandardSchemaV1.InferInput<S>;
/** What a schema gives: after its defaults and transformations. */
export type SchemaOutput<S extends Schema> = StandardSchemaV1.InferOutput<S>;

/**
 * The JSON Schema (draft 2020-12) of what a schema takes, or of what it gives.
 *
 * @throws HelixError `schema_not_representable`, naming the field that JSON Schema cannot express
 */
export function toJsonSchema(what: string, schema: Schema, of: 'input' | 'output' = 'input'): JsonObject {
  const converter = converterOf(schema);
  if (!converter) {
    const vendor = (schema as Partial<Schema>)['~standard']?.vendor ?? 'unknown';
    throw unrepresentable(
      `${what}: the schema (of ${vendor}) cannot give its JSON Schema, which models are told; its library, or this release of it, does not implement StandardJSONSchemaV1`,
    );
  }
  try {
    return withoutDialect(converter[of]({ target: 'draft-2020-12' }));
  } catch (cause) {
    const field = [what, ...findField(schema)].join('.');
    throw unrepresentable(`${field}: ${messageOf(cause)}`, { cause });
  }
}

/** Whether a value is a schema at all: not so a JSON Schema, or the shape of one. */
export function isSchema(value: unknown): value is Schema {
  const standard = (value as Partial<Schema> | null | undefined)?.['~standard'];
  return typeof standard?.validate === 'function';
}

/** What is said of a field that is none. */
export const mustBeSchema = 'must be a schema, such as z.object({ … }) of Zod';

/** The value as the schema reads it, or what is wrong with it. */
export function validate<S extends Schema>(
  schema: S,
  value: unknown,
): Checked<SchemaOutput<S>> | Promise<Checked<SchemaOutput<S>>> {
  return andThen(schema['~standard'].validate(value), toChecked);
}

function toChecked<T>(result: StandardSchemaV1.Result<T>): Checked<T> {
  return result.issues ? { ok: false, issues: result.issues.map(describeIssue) } : { ok: true, value: result.value };
}

/** A value as its schema reads it, or every issue as one line, with the path of the field. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly string[] };

function describeIssue({ message, path }: StandardSchemaV1.Issue): string {
  const keys = (path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  return keys.length > 0 ? `${keys.join('.')}: ${message}` : message;
}

function converterOf(schema: Schema): StandardJSONSchemaV1.Converter | undefined {
  const standard: unknown = (schema as Partial<Schema>)['~standard'];
  return (standard as Partial<StandardJSONSchemaV1.Props> | undefined)?.jsonSchema;
}

/** Which member of an object schema cannot be expressed: libraries say what is wrong, but not where. */
function findField(schema: Schema): string[] {
  const { shape } = schema as { shape?: Readonly<Record<string, Schema>> };
  for (const [name, member] of Object.entries(shape ?? {})) {
    try {
      converterOf(member)?.input({ target: 'draft-2020-12' });
    } catch {
      return [name, ...findField(member)];
    }
  }
  return [];
}

function withoutDialect({ $schema: _, ...schema }: Record<string, unknown>): JsonObject {
  return schema as JsonObject;
}

function unrepresentable(message: string, options?: HelixErrorOptions): HelixError {
  return new HelixError('schema_not_representable', message, options);
}
