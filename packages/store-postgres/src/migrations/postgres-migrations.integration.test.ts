// Would catch: two processes that install at once and end in half a schema; a schema that changed without a migration; a process
// that works on the tables of another release; a migration that can never succeed and is tried for ever; a released one that is edited;
// a role that needs more rights than to its own schema; a large table that no process ever migrates in the time of a statement; a
// conversation that fails at its first emoji.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import released from '../../test/released-migrations.json' with { type: 'json' };
import { describeSchema } from '../../test/describe-schema.ts';
import { testServer } from '../../test/test-database.ts';
import { createPgAdapter, PostgresMigrations, PostgresStateStore } from '../index.ts';
import { allMigrations } from './all-migrations.ts';

const open = testServer();
const empty = () => open({ migrate: false });
const current = allMigrations.length;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

test('the migrations make the schema that is committed', async () => {
  const database = await open();
  await expect(await describeSchema(database, 'helix')).toMatchFileSnapshot('../../schema.sql');
});

test('every key and index of what belongs to somebody begins with the scope', async () => {
  const database = await open();
  const keys = await database.query<{ name: string; first: string }>(
    `select c.relname as name, a.attname as first from pg_index i
join pg_class t on t.oid = i.indrelid join pg_class c on c.oid = i.indexrelid
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
where t.relnamespace = to_regnamespace('helix') and t.relname <> 'migrations'`,
  );
  expect(keys.length).toBeGreaterThan(7);
  expect(keys.filter(({ first }) => first !== 'scope')).toEqual([]);
});

test('a database remembers the checksums of the releases: no migration was edited since, none is missing', async () => {
  const database = await open();
  const remembered = await database.query('select id, name, checksum from helix.migrations order by id');
  expect(remembered).toEqual(released);
});

test('twenty processes that install at once end in that schema', async () => {
  const database = await empty();
  const installer = new URL('../../test/install-schema.ts', import.meta.url);
  const execArgv = ['--conditions=@helix-agents/source'];
  const children = Array.from({ length: 20 }, () => fork(installer, [database.connectionString], { execArgv }));
  // All connect first, then all begin.
  await Promise.all(children.map((child) => once(child, 'message')));
  const exits = children.map((child) => once(child, 'exit'));
  for (const child of children) child.send('begin');
  expect((await Promise.all(exits)).map(([code]) => code as unknown)).toEqual(children.map(() => 0));
  await expect(await describeSchema(database, 'helix')).toMatchFileSnapshot('../../schema.sql');
  expect(await database.query('select id from helix.migrations order by id')).toHaveLength(current);
});

test('runs of the release before, whatever text they hold, are found after the upgrade', async () => {
  const database = await open();
  await database.query('alter table helix.session_runs drop column run_key, drop column run_id');
  await database.query('delete from helix.migrations where id = 4');
  const run = {
    v: 1,
    runId: 'run',
    turn: 1,
    entry: 'execute',
    key: 'message',
    phase: { output: 'NUL \u0000 half \ud800 {' },
  };
  const insert = `insert into helix.session_runs (version, scope, session_id, run) values (1, '', 'session', $1)`;
  await database.query(insert, [JSON.stringify(run)]);
  await new PostgresMigrations(database.port).run();
  const store = new PostgresStateStore({ port: database.port });
  expect(await store.findEndedRun('session', { key: 'message' })).toEqual({ run, next: null });
  expect(await store.findEndedRun('session', { runId: 'run' })).toEqual({ run, next: null });
});

test('run again changes nothing', async () => {
  const database = await open();
  const stand = async () => [
    await database.query('select * from helix.migrations order by id'),
    await describeSchema(database, 'helix'),
  ];
  const before = await stand();
  expect(await new PostgresMigrations(database.port).run()).toEqual({ current });
  expect(await stand()).toEqual(before);
});

test('where nothing is missing it takes one statement', async () => {
  const database = await open();
  const query = vi.spyOn(database.port, 'query');
  await new PostgresMigrations(database.port).run();
  expect(query).toHaveBeenCalledOnce();
});

test('several schemas live in one database', async () => {
  const database = await open();
  expect(await new PostgresMigrations(database.port, { schema: 'other_team' }).run()).toEqual({ current });
  const other = (await describeSchema(database, 'other_team')).replaceAll('other_team', 'helix');
  expect(other).toBe(await describeSchema(database, 'helix'));
});

test('a database of a later release is refused', async () => {
  const database = await open();
  await database.query(`insert into helix.migrations (id, name, checksum) values (999, 'later', 'x')`);
  await expect(new PostgresMigrations(database.port).run()).rejects.toMatchObject({ code: 'state_schema_mismatch' });
});

test('a migration that was edited after it ran is refused', async () => {
  const database = await open();
  await database.query(`update helix.migrations set checksum = 'another' where id = 1`);
  await expect(new PostgresMigrations(database.port).run()).rejects.toMatchObject({
    code: 'state_schema_mismatch',
    message: expect.stringContaining('migration 1 (sessions)'),
  });
});

/** A database for a role of its own that may make no schemas, and its port. */
async function ofPlainRole(name: string) {
  const database = await empty();
  await database.query(`create role ${name} login password 'one'`);
  const url = new URL(database.connectionString);
  [url.username, url.password] = [name, 'one'];
  const pool = new pg.Pool({ connectionString: url.href });
  closers.push(() => pool.end());
  return { database, port: createPgAdapter(pool) };
}

test('a role that owns its schema and may make none installs the tables', async () => {
  const { database, port } = await ofPlainRole('owner_of_schema');
  await database.query('create schema helix authorization owner_of_schema');
  expect(await new PostgresMigrations(port).run()).toEqual({ current });
});

test('a role that may make no schema is told so, where it is missing', async () => {
  const { port } = await ofPlainRole('owner_of_nothing');
  await expect(new PostgresMigrations(port).run()).rejects.toMatchObject({
    code: 'state_schema_mismatch',
    message: expect.stringContaining('permission denied for database'),
  });
});

test('a migration that fails leaves nothing behind', async () => {
  const database = await empty();
  const broken = { id: 1, name: 'broken', sql: 'create table :schema.half (); select 1 / 0;' };
  const run = new PostgresMigrations(database.port, {}, [broken]).run();
  await expect(run).rejects.toMatchObject({ code: 'state_schema_mismatch' });
  expect(await database.query(`select 1 from pg_namespace where nspname = 'helix'`)).toEqual([]);
});

test('a migration takes as long as it takes, also for a role whose statements have a time limit', async () => {
  const database = await open({ migrate: false, statement_timeout: 100 });
  const sql = 'select pg_sleep(0.3); create table :schema.made ();';
  expect(await new PostgresMigrations(database.port, {}, [{ id: 1, name: 'long', sql }]).run()).toEqual({ current: 1 });
  expect(await database.query('show statement_timeout')).toEqual([{ statement_timeout: '100ms' }]);
});

test('a database whose encoding cannot hold every text is refused before anything is kept in it', async () => {
  const database = await empty();
  const [server] = await database.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  const provider = server && server.version >= 150_000 ? 'locale_provider libc' : '';
  await database.query(`create database latin template template0 encoding 'LATIN1' locale 'C' ${provider}`);
  const url = new URL(database.connectionString);
  url.pathname = 'latin';
  const pool = new pg.Pool({ connectionString: url.href });
  closers.push(() => pool.end());
  await expect(new PostgresMigrations(createPgAdapter(pool)).run()).rejects.toMatchObject({
    code: 'state_schema_mismatch',
    message: expect.stringContaining('LATIN1'),
  });
  expect((await pool.query(`select 1 from pg_namespace where nspname = 'helix'`)).rows).toEqual([]);
});

test('a migration that finds a row twice is told as failed, not tried for ever', async () => {
  const database = await empty();
  const sql = 'create table :schema.once (id int primary key); insert into :schema.once values (1), (1);';
  const query = vi.spyOn(database.port, 'query');
  const run = new PostgresMigrations(database.port, {}, [{ id: 1, name: 'twice', sql }]).run();
  await expect(run).rejects.toMatchObject({ code: 'state_schema_mismatch', message: expect.stringContaining('twice') });
  expect(query.mock.calls.filter(([{ text }]) => text.includes(sql.slice(-20)))).toHaveLength(1);
});

test('without the tables a store says what to do', async () => {
  const database = await empty();
  const store = new PostgresStateStore({ port: database.port });
  await expect(store.load('session')).rejects.toMatchObject({
    code: 'state_schema_mismatch',
    nextStep: expect.stringContaining('migrations'),
  });
});

test.each(['Helix', 'a"b', '', '1a', 'a'.repeat(41)])('the schema name %j is refused', async (schema) => {
  const database = await empty();
  expect(() => new PostgresMigrations(database.port, { schema })).toThrow(/schema must be/);
});
