// Would catch: a prepared statement whose second answer differs from its first; a connection that a failed or slow one leaves
// unusable; a server that is asked again and again for what it said before.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { testServer } from '../../test/test-database.ts';
import { createPgAdapter } from './pg-adapter.ts';
import type { PostgresPort } from './postgres-port.ts';

const open = testServer();
const pools: pg.Pool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});

interface Wire {
  describe(): void;
  parse(): void;
  bind(): void;
}

/** A port over one connection, and what pg asks of the server on it. */
async function onOneConnection(options: pg.PoolConfig = {}) {
  const { connectionString } = await open();
  const pool = new pg.Pool({ connectionString, max: 1, ...options });
  pools.push(pool);
  const client = await pool.connect();
  const { connection } = client as unknown as { connection: Wire };
  const describe = vi.spyOn(connection, 'describe');
  const parse = vi.spyOn(connection, 'parse');
  const bind = vi.spyOn(connection, 'bind');
  client.release();
  return { pool, port: createPgAdapter(pool), describe, parse, bind };
}

async function thrice(port: PostgresPort, text: string, values: readonly unknown[] = []) {
  const answers = [];
  for (let run = 0; run < 3; run += 1) answers.push((await port.query({ name: 'statement', text, values })).rows);
  return answers;
}

test('a statement answers each time as it did the first time, and is described once', async () => {
  const { port, describe, parse } = await onOneConnection();
  const text = `select $1::text as "a", $2::int as "b", $3::float8 as "c", $4::bool as "d", null::text as "e", null::int as "f"
    union all select '', -2147483648, 'NaN', null, 'é', 0`;
  const rows = [
    { a: 'ü "x" \\ \n', b: 7, c: 0.1, d: true, e: null, f: null },
    { a: '', b: -2147483648, c: NaN, d: null, e: 'é', f: 0 },
  ];
  expect(await thrice(port, text, ['ü "x" \\ \n', 7, 0.1, true])).toEqual([rows, rows, rows]);
  expect({ described: describe.mock.calls.length, parsed: parse.mock.calls.length }).toEqual({
    described: 1,
    parsed: 1,
  });
});

test('what is absent is null', async () => {
  const { port } = await onOneConnection();
  const rows = [{ a: null, b: null }];
  expect(await thrice(port, 'select $1::text as a, $2::int as b', [undefined, null])).toEqual([rows, rows, rows]);
});

test('a statement without columns answers no rows', async () => {
  const { port, describe } = await onOneConnection();
  await port.query({ text: 'create table t (a int)', values: [] });
  expect(await thrice(port, 'insert into t values ($1)', [1])).toEqual([[], [], []]);
  expect(describe).toHaveBeenCalledOnce();
  expect((await port.query({ text: 'select count(*)::int as n from t', values: [] })).rows).toEqual([{ n: 3 }]);
});

test('columns and parameters of other kinds are pg’s to read and write', async () => {
  const { port } = await onOneConnection();
  const json = [{ a: { b: [1] }, c: '9007199254740993' }];
  expect(await thrice(port, `select '{"b":[1]}'::json as a, 9007199254740993::int8 as c`)).toEqual([json, json, json]);
  const nested = {
    name: 'nested',
    text: 'select array_ndims($1::text[]) as n, $2::json as j',
    values: [[['a']], { b: 1 }],
  };
  for (let run = 0; run < 3; run += 1) expect((await port.query(nested)).rows).toEqual([{ n: 2, j: { b: 1 } }]);
});

test('each element of an array arrives as it is', async () => {
  const { port } = await onOneConnection();
  const texts = ['', ' ', 'NULL', null, 'a,b', '{}', '"', '\\', '\\"', "'", '\n', 'é', '{"v":1,"a":"\\u0000"}'];
  const text =
    'select element as a, ordinality::int as n from unnest($1::text[]) with ordinality as element(element) order by n';
  const rows = texts.map((a, index) => ({ a, n: index + 1 }));
  expect(await thrice(port, text, [texts])).toEqual([rows, rows, rows]);
  expect(await thrice(port, 'select $1::text[] = array[]::text[] as a', [[]])).toContainEqual([{ a: true }]);
  const numbers = 'select $1::int[] = array[-7, null, 2147483647] as a, $2::bool[] = array[true, false] as b';
  expect(
    await thrice(port, numbers, [
      [-7, null, 2147483647],
      [true, false],
    ]),
  ).toContainEqual([{ a: true, b: true }]);
});

test('a name that stands for another statement from now on runs the other one', async () => {
  const { port } = await onOneConnection();
  expect(await thrice(port, 'select 1 as a')).toContainEqual([{ a: 1 }]);
  expect(await thrice(port, 'select 2 as b')).toEqual([[{ b: 2 }], [{ b: 2 }], [{ b: 2 }]]);
});

test('a connection that was told to forget its statements prepares them anew', async () => {
  const { pool, port } = await onOneConnection();
  await thrice(port, 'select 1 as a');
  const lists = { name: 'lists', text: 'select cardinality($1::text[]) as n', values: [['a', 'b']] };
  await port.query(lists);
  await pool.query('deallocate all');
  expect(await thrice(port, 'select 1 as a')).toEqual([[{ a: 1 }], [{ a: 1 }], [{ a: 1 }]]);
  expect((await port.query(lists)).rows).toEqual([{ n: 2 }]);
});

test('a table whose columns change under a prepared statement is read as it is now', async () => {
  const { port } = await onOneConnection();
  await port.query({ text: `create table t (a int); insert into t values (7)`, values: [] });
  expect(await thrice(port, 'select a from t')).toContainEqual([{ a: 7 }]);
  await port.query({ text: 'alter table t alter column a type text', values: [] });
  expect(await thrice(port, 'select a from t')).toEqual([[{ a: '7' }], [{ a: '7' }], [{ a: '7' }]]);
});

test('a statement that failed as it was first run is run again', async () => {
  const { port } = await onOneConnection();
  const divide = (by: number) => port.query({ name: 'divide', text: 'select 1 / $1::int as a', values: [by] });
  await expect(divide(0)).rejects.toMatchObject({ code: '22012' });
  expect((await divide(1)).rows).toEqual([{ a: 1 }]);
});

test('what the server refuses is told with its code, and the connection goes on', async () => {
  const { pool, port } = await onOneConnection();
  await port.query({ text: 'create table t (a int primary key)', values: [] });
  const insert = (a: unknown) =>
    port.query({ name: 'insert', text: 'insert into t values ($1) returning a', values: [a] });
  expect((await insert(1)).rows).toEqual([{ a: 1 }]);
  await expect(insert(1)).rejects.toMatchObject({ code: '23505' });
  await expect(insert('x')).rejects.toMatchObject({ code: '22P02' });
  expect((await insert(2)).rows).toEqual([{ a: 2 }]);
  expect(pool.totalCount).toBe(1);
});

test('a connection that ends while it answers is a statement that failed', async () => {
  const { pool, port } = await onOneConnection();
  const sleep = (seconds: number) =>
    port.query({ name: 'sleep', text: 'select pg_sleep($1) is null as a, pg_backend_pid() as pid', values: [seconds] });
  const [row] = (await sleep(0)).rows as { pid: number }[];
  const sleeping = sleep(20);
  const killer = new pg.Client({ connectionString: pool.options.connectionString });
  await killer.connect();
  await Promise.all([
    expect(sleeping).rejects.toMatchObject({ code: '57P01' }),
    killer.query('select pg_terminate_backend($1)', [row?.pid]),
  ]);
  await killer.end();
  expect((await sleep(0)).rows).toHaveLength(1);
});

test('the time limit that the application gave its pool holds, and what is answered in time leaves no timer behind', async () => {
  const { port } = await onOneConnection({ query_timeout: 200 });
  const sleep = (seconds: number) =>
    port.query({ name: 'sleep', text: 'select pg_sleep($1) is null as a', values: [seconds] });
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  await sleep(0);
  const before = timers();
  for (let run = 0; run < 5; run += 1) await sleep(0);
  expect(timers()).toBe(before);
  await expect(sleep(20)).rejects.toThrow('timeout');
});

test('the application’s own readers of our types are not ours', async () => {
  const { port } = await onOneConnection({ types: { getTypeParser: () => () => 'theirs' } });
  const rows = [{ a: 'x', b: 1, c: 0.5, d: true, e: 'theirs' }];
  const text = `select 'x'::text as a, 1 as b, 0.5::float8 as c, true as d, '{}'::json as e`;
  expect(await thrice(port, text)).toEqual([rows, rows, rows]);
});

test('what a reader throws is a statement that failed, and the connection goes on', async () => {
  const fail = () => {
    throw new Error('unreadable');
  };
  const getTypeParser = vi.fn<() => () => unknown>(() => () => 'read').mockReturnValueOnce(fail);
  const { pool, port } = await onOneConnection({ types: { getTypeParser } });
  const json = { name: 'json', text: `select '{}'::json as a`, values: [] };
  await expect(port.query(json)).rejects.toThrow('unreadable');
  expect((await port.query(json)).rows).toEqual([{ a: 'read' }]);
  getTypeParser.mockImplementationOnce(fail);
  await expect(port.query({ ...json, name: 'other' })).rejects.toThrow('unreadable');
  expect((await port.query({ ...json, name: 'other' })).rows).toEqual([{ a: 'read' }]);
  expect(await thrice(port, 'select 1 as a')).toContainEqual([{ a: 1 }]);
  expect(pool.totalCount).toBe(1);
});

test('a statement that says nothing answers nothing', async () => {
  const { port } = await onOneConnection();
  expect(await thrice(port, '')).toEqual([[], [], []]);
});

test('a statement that cannot be written has no effect, and its connection is not used again', async () => {
  const { pool, port, bind } = await onOneConnection();
  await port.query({ text: 'create table t (a int)', values: [] });
  bind.mockImplementationOnce(() => {
    throw new RangeError('too large');
  });
  await expect(port.query({ name: 'insert', text: 'insert into t values (1)', values: [] })).rejects.toThrow(
    'too large',
  );
  expect((await port.query({ text: 'select count(*)::int as n from t', values: [] })).rows).toEqual([{ n: 0 }]);
  expect(pool.totalCount).toBe(1);
});
