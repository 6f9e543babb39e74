import type { PgClient, PgQuery, PgResult, PgRows } from './pg-pool.ts';
import { runPrepared, type Prepared } from './prepared-query.ts';
import { isWireClient } from './wire-client.ts';

/** Runs a query. Whatever is no prepared statement with plain parameters, on a client of pg's own kind, is left to the client. */
export async function runQuery(client: PgClient, query: PgQuery): Promise<PgRows> {
  const prepared = toPrepared(query);
  if (prepared && isWireClient(client)) return runPrepared(client, prepared);
  return lastOf(await client.query(query));
}

function toPrepared({ name, text, values = [] }: PgQuery): Prepared | undefined {
  const parameters = name === undefined ? undefined : toWire(values);
  return name !== undefined && parameters ? { name, text, parameters } : undefined;
}

/** As pg sends them; undefined where there is one of a kind that pg knows to write and we do not. */
function toWire(values: readonly unknown[]): (string | null)[] | undefined {
  const parameters: (string | null)[] = [];
  for (const value of values) {
    const parameter = Array.isArray(value) ? arrayToWire(value) : scalarToWire(value);
    if (parameter === undefined) return undefined;
    parameters.push(parameter);
  }
  return parameters;
}

function scalarToWire(value: unknown): string | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The text of an array, whatever its type: all elements in quotes, so that none is read as part of the array or as null. */
function arrayToWire(elements: readonly unknown[]): string | undefined {
  const texts: string[] = [];
  for (const element of elements) {
    const text = scalarToWire(element);
    if (text === undefined) return undefined;
    texts.push(text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
  }
  return `{${texts.join(',')}}`;
}

/** pg answers several statements with several results. */
export function lastOf(result: PgResult): PgRows {
  return Array.isArray(result) ? (result.at(-1) ?? { rows: [] }) : result;
}
