import type { TestDatabase } from './test-database.ts';

interface Line {
  readonly line: string;
}

/** The tables of a schema as statements, always in the same order: what is committed as `schema.sql`. */
export async function describeSchema(database: TestDatabase, schema: string): Promise<string> {
  const tables = await database.query<{ oid: number; name: string; options: string | null }>(
    `select oid::int, relname as name, array_to_string(reloptions, ', ') as options
from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r' order by relname`,
    [schema],
  );
  const parts: string[] = [];
  for (const { oid, name, options } of tables) {
    const columns = await database.query<Line>(columnsQuery, [oid]);
    const constraints = await database.query<Line>(constraintsQuery, [oid]);
    const indexes = await database.query<Line>(indexesQuery, [oid]);
    const body = [...columns, ...constraints].map(({ line }) => `  ${line}`).join(',\n');
    const settings = options ? ` with (${options})` : '';
    parts.push(
      `create table ${schema}.${name} (\n${body}\n)${settings};\n${indexes.map(({ line }) => `${line};\n`).join('')}`,
    );
  }
  return parts.join('\n');
}

const columnsQuery = `
select concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
  case when c.collname <> 'default' then 'collate "' || c.collname || '"' end,
  case when a.attstorage <> t.typstorage then 'storage ' || case a.attstorage when 'e' then 'external' else a.attstorage::text end end,
  case when d.oid is not null then 'default ' || pg_get_expr(d.adbin, d.adrelid) end,
  case when a.attnotnull then 'not null' end) as line
from pg_attribute a
join pg_type t on t.oid = a.atttypid
left join pg_collation c on c.oid = a.attcollation
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`;

/** Not-null constraints stand with their columns. */
const constraintsQuery = `
select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
from pg_constraint where conrelid = $1 and contype <> 'n' order by conname`;

const indexesQuery = `
select pg_get_indexdef(indexrelid) as line from pg_index i
where indrelid = $1 and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
order by indexrelid::regclass::text`;
