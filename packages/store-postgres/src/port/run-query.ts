import { columnsOf, type Columns } from './columns.ts';
import type { PgClient, PgQuery, PgResult } from './pg-adapter.ts';
import { PreparedQuery, type WireConnection } from './prepared-query.ts';

/**
 * Runs a query. pg asks the server what the columns of a statement are whenever it runs, also where it prepared it long before;
 * here that is asked once a connection, which saves a tenth of the time of a commit. Whatever is not a prepared statement with plain
 * parameters and plain columns, on a client of pg's own kind, is left to the client.
 */
export function runQuery(client: PgClient, query: PgQuery): Promise<PgResult> {
  const { name, text, values = [] } = query;
  if (name === undefined || !isWireClient(client)) return client.query(query);
  const known = statementsOf(client).get(name);
  if (!known) return firstRun(client, name, query);
  const parameters = known.text === text && known.columns ? toWire(values) : undefined;
  return parameters && known.columns
    ? new PreparedQuery(name, parameters, known.columns).run(client)
    : client.query(query);
}

/** A statement that a connection has prepared; without columns where they are of other kinds. */
interface KnownStatement {
  readonly text: string;
  readonly columns: Columns | undefined;
}

const knownStatements = new WeakMap<PgClient, Map<string, KnownStatement>>();

function statementsOf(client: PgClient): Map<string, KnownStatement> {
  const statements = knownStatements.get(client) ?? new Map<string, KnownStatement>();
  knownStatements.set(client, statements);
  return statements;
}

async function firstRun(client: PgClient, name: string, query: PgQuery): Promise<PgResult> {
  const result = await client.query(query);
  const columns = Array.isArray(result) ? undefined : columnsOf(result.fields);
  statementsOf(client).set(name, { text: query.text, columns });
  return result;
}

/** As pg sends them; undefined where there is one of a kind that pg knows to write and we do not. */
function toWire(values: readonly unknown[]): (string | null)[] | undefined {
  const parameters: (string | null)[] = [];
  for (const value of values) {
    if (value === null || value === undefined) parameters.push(null);
    else if (typeof value === 'string') parameters.push(value);
    else if (typeof value === 'number' || typeof value === 'boolean') parameters.push(String(value));
    else return undefined;
  }
  return parameters;
}

/** pg's client, and those made of it: not its native one, nor one that writes queries before the answers to others are there. */
function isWireClient(client: PgClient): client is PgClient & { readonly connection: WireConnection } {
  const { connection, pipeline } = client as { connection?: Partial<WireConnection>; pipeline?: boolean };
  const methods = [connection?.bind, connection?.execute, connection?.sync];
  return !pipeline && methods.every((method) => typeof method === 'function');
}
