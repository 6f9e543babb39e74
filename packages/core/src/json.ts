/** What every record, chunk and tool result must be: data that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/**
 * Turns any value into JSON data: dates become strings, `undefined` members vanish, `undefined` itself is `null`.
 *
 * @throws TypeError for what JSON cannot hold (a cycle, a bigint)
 */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? null : (JSON.parse(text) as Json);
}
