// Catches: a server that does not start, keep its data, stand beside another, or leave when it should.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startFolder } from '../test/start-folder.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { startPostgres, type StartPostgresOptions } from './index.ts';
import { listProcesses } from './process/process-table.ts';

async function start(options: StartPostgresOptions = {}) {
  const server = await startPostgres({ durability: 'none', ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function query(connectionString: string, statement: string): Promise<unknown[][]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

test('a server starts with no options, and stop leaves neither process nor folder', async () => {
  const { folder: temporary, leftBehind } = await startFolder();
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = await startPostgres();
  expect(await query(server.connectionString, 'show server_version_num')).toEqual([[expect.stringMatching(/^18/)]]);
  expect(await query(server.connectionString, 'show fsync')).toEqual([['on']]);
  await server.stop();
  await server.stop();
  await server.ended;
  expect(await leftBehind()).toEqual([]);
  expect((await listProcesses()).filter(({ command }) => command.includes(temporary))).toEqual([]);
});

test('without durability, what was committed is there after a backend was killed and the server began anew', async () => {
  const server = await start({ settings: { restart_after_crash: 'on' } });
  const client = new Client({ connectionString: server.connectionString });
  const ended = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  await client.query('create table t (n int)');
  await client.query('insert into t values (1)');
  process.kill(rows[0]!.pid, 'SIGKILL');
  await ended;
  await vi.waitFor(async () => expect(await query(server.connectionString, 'select n from t')).toEqual([[1]]), {
    timeout: 20_000,
  });
});

test('two servers run at once, each with its own data and password', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  await query(one.connectionString, 'create table t ()');
  expect(await query(two.connectionString, `select to_regclass('t')`)).toEqual([[null]]);
  const crossed = two.connectionString.replace(two.password, one.password);
  await expect(query(crossed, 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('createDatabase gives new databases: unnamed, named with anything, copied from another', async () => {
  const server = await start();
  const [first, second] = await Promise.all([server.createDatabase(), server.createDatabase()]);
  expect(first).not.toBe(second);
  const odd = await server.createDatabase('Sales "2026" é');
  expect(await query(odd, 'select current_database()')).toEqual([['Sales "2026" é']]);
  await query(odd, 'create table t as select 1 as n');
  const copy = await server.createDatabase('copy', { template: 'Sales "2026" é' });
  expect(await query(copy, 'select n from t')).toEqual([[1]]);
  await expect(server.createDatabase('copy')).rejects.toMatchObject({ code: '42P04' });
});

test('text sorts by code point and folds beyond ASCII, on every machine', async () => {
  const { connectionString } = await start();
  expect(await query(connectionString, `select lower('ÄÖ'), 'a' > 'B', current_setting('timezone')`)).toEqual([
    ['äö', true, 'UTC'],
  ]);
});

test('settings hold for one start, and the log is handed over line by line', async () => {
  const lines: string[] = [];
  const server = await start({
    settings: { max_connections: '37', log_statement: 'all' },
    log: (line) => lines.push(line),
  });
  expect(await query(server.connectionString, 'show max_connections')).toEqual([['37']]);
  expect(await query(server.connectionString, 'show fsync')).toEqual([['off']]);
  await server.stop();
  expect(lines.join('\n')).toMatch(
    /ready to accept connections[\s\S]*show max_connections[\s\S]*database system is shut down/,
  );
});

test('a data folder is made once and keeps data and password between starts', async () => {
  const dataDir = join(await temporaryFolder(), 'not', 'there', 'yet');
  const first = await start({ dataDir, durability: 'full' });
  await query(first.connectionString, 'create table t as select 1 as n');
  await first.stop();
  const second = await start({ dataDir });
  expect(second.password).toBe(first.password);
  expect(await query(second.connectionString, 'select n from t')).toEqual([[1]]);
  expect(await readdir(dataDir)).toEqual(['18']);
});

test('two first starts on one data folder make one cluster, and one of them is refused', async () => {
  const dataDir = await temporaryFolder();
  const starts = await Promise.allSettled([start({ dataDir }), start({ dataDir })]);
  expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(starts.find((each) => each.status === 'rejected')?.reason).toMatchObject({ code: 'postgres_data_dir_in_use' });
  expect(await readdir(dataDir)).toEqual(['18']);
});

test('a second start on a live data folder is refused and does not disturb the first', async () => {
  const dataDir = await temporaryFolder();
  const server = await start({ dataDir });
  await expect(startPostgres({ dataDir })).rejects.toMatchObject({
    name: 'PostgresStartError',
    code: 'postgres_data_dir_in_use',
    retryable: true,
    message: expect.stringContaining('choose another dataDir'),
  });
  expect(await query(server.connectionString, 'select 1')).toEqual([[1]]);
});

test('a port that is taken is refused by name', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  await expect(startPostgres({ port })).rejects.toMatchObject({
    code: 'postgres_port_taken',
    what: expect.stringContaining(`${port}`),
  });
});

test.each([{ no_such_setting: '1' }, { max_connections: 'many' }, { shared_buffers: '1' }])(
  'the setting %o is refused',
  async (settings) => {
    await expect(startPostgres({ settings })).rejects.toMatchObject({
      code: 'postgres_setting_refused',
      what: expect.stringContaining(Object.keys(settings)[0] ?? ''),
    });
  },
);

test('a data folder that is not ours is refused and left alone', async () => {
  const foreign = await temporaryFolder();
  await writeFile(join(foreign, 'PG_VERSION'), '18');
  await expect(startPostgres({ dataDir: foreign })).rejects.toMatchObject({ code: 'postgres_data_dir_foreign' });
  expect(await readdir(foreign)).toEqual(['PG_VERSION']);

  const older = await temporaryFolder();
  await mkdir(join(older, '17'));
  await expect(startPostgres({ dataDir: older })).rejects.toMatchObject({ code: 'postgres_data_dir_other_version' });
  expect(await readdir(older)).toEqual(['17']);
});

test('a folder with files of somebody is refused and left alone; one that is as good as empty is taken', async () => {
  const documents = await temporaryFolder();
  await mkdir(join(documents, '2024'));
  await writeFile(join(documents, 'report.md'), '# Mine');
  await expect(startPostgres({ dataDir: documents })).rejects.toMatchObject({
    code: 'postgres_data_dir_foreign',
    message: expect.stringMatching(/is not empty.*Choose an empty or new folder as dataDir\./),
  });
  expect((await readdir(documents)).toSorted()).toEqual(['2024', 'report.md']);

  const asGoodAsEmpty = await temporaryFolder();
  await writeFile(join(asGoodAsEmpty, '.gitkeep'), '');
  await mkdir(join(asGoodAsEmpty, 'lost+found'));
  await start({ dataDir: asGoodAsEmpty });
});

test('an abort at any moment of the start ends it and leaves nothing', async () => {
  const { folder: temporary, leftBehind } = await startFolder();
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const reason = new Error('no longer wanted');
  await expect(startPostgres({ abortSignal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  for (const afterMs of [0, 50, 100, 200, 400, 700]) {
    const abort = new AbortController();
    const started = startPostgres({ abortSignal: abort.signal }).then(
      (server) => server.stop(),
      (error: unknown) => expect(error).toBe(reason),
    );
    await delay(afterMs);
    abort.abort(reason);
    await started;
    expect(await leftBehind()).toEqual([]);
  }
  expect((await listProcesses()).filter(({ command }) => command.includes(temporary))).toEqual([]);
});

test('a half-made cluster is not left in a data folder', async () => {
  const dataDir = await temporaryFolder();
  await expect(startPostgres({ dataDir, abortSignal: AbortSignal.timeout(300) })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect((await readdir(dataDir)).filter((name) => name !== '18')).toEqual([]);
});

test('a start that takes too long is refused', async () => {
  await expect(startPostgres({ timeoutMs: 50 })).rejects.toMatchObject({
    code: 'postgres_start_timeout',
    retryable: true,
  });
});
