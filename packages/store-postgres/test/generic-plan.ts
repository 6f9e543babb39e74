import type pg from 'pg';
import type { TestDatabase } from './test-database.ts';

/** How the server would run a statement whose values it does not know, asked in words that all its versions understand. */
export async function genericPlan(
  { pool }: TestDatabase,
  text: string,
  { seqScans = true }: { readonly seqScans?: boolean } = {},
): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query(`set plan_cache_mode = force_generic_plan; set enable_seqscan = ${seqScans}`);
    await client.query(`prepare planned as ${text}`);
    const nulls = Array.from({ length: await parametersOf(client) }, () => 'null');
    const values = nulls.length > 0 ? `(${nulls.join(', ')})` : '';
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute planned${values}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    client.release(true);
  }
}

async function parametersOf(client: pg.PoolClient): Promise<number> {
  const text = `select cardinality(parameter_types) as n from pg_prepared_statements where name = 'planned'`;
  const { rows } = await client.query<{ n: number }>(text);
  return rows[0]!.n;
}
