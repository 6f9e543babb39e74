// Catches: a Postgres, or its data, that outlives the program that started it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { nodeArguments, ownerIn, ownerProgram, spawnOwner, stillRunning, type Owner } from '../test/owner.ts';
import { startFolder } from '../test/start-folder.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { startPostgres } from './index.ts';
import { listProcesses } from './process/process-table.ts';

async function startOwner(options: object = {}): Promise<Owner> {
  const child = spawnOwner(options);
  onTestFinished(() => void child.kill('SIGKILL'));
  return await ownerIn(child);
}

/** Three seconds from the end of the owner to the end of everything. */
async function expectNothingLeft({ pids, folder }: Owner): Promise<void> {
  expect(pids.length).toBeGreaterThan(5);
  expect(await stillRunning(pids, 3_000)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
}

test('an owner killed with SIGKILL takes server and temporary data with it', async () => {
  const owner = await startOwner();
  owner.child.kill('SIGKILL');
  await expectNothingLeft(owner);
});

test('Ctrl-C, a signal to the whole group of the owner, does too', async () => {
  const owner = await startOwner();
  process.kill(-(owner.child.pid ?? Number.NaN), 'SIGINT');
  await expectNothingLeft(owner);
});

test('so does the end of an owner that has nothing left to do', async () => {
  const { folder, leftBehind } = await startFolder();
  const program = join(folder, 'program.mjs');
  const index = new URL('index.ts', import.meta.url);
  await writeFile(
    program,
    `const { startPostgres } = await import(${JSON.stringify(index)}); await startPostgres(); console.log('done');`,
  );
  const child = spawn(process.execPath, [...nodeArguments, program], { env: { TMPDIR: folder }, stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([0, null]);
  const left = (await listProcesses()).filter(({ command }) => command.includes(folder));
  expect(
    await stillRunning(
      left.map(({ pid }) => pid),
      3_000,
    ),
  ).toEqual([]);
  expect(await leftBehind()).toEqual(['program.mjs']);
});

test('so does SIGKILL of npm, which leaves the program it ran behind', async () => {
  const folder = await temporaryFolder();
  const demo = [process.execPath, ...nodeArguments, ownerProgram, '\'{"withNpm":true}\''].join(' ');
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { demo } }));
  const npm = spawn('npm', ['run', '--silent', 'demo'], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void process.kill(-(npm.pid ?? Number.NaN), 'SIGKILL'));
  const owner = await ownerIn(npm);
  npm.kill('SIGKILL');
  await expectNothingLeft(owner);
});

test('so does SIGKILL of owner and supervisor at once', async () => {
  const owner = await startOwner();
  process.kill(owner.supervisor, 'SIGKILL');
  owner.child.kill('SIGKILL');
  await expectNothingLeft(owner);
});

test('an owner whose supervisor alone is killed is told that the server has ended', async () => {
  const server = await startPostgres();
  const supervisor = (await listProcesses()).find(
    (entry) => entry.parentPid === process.pid && entry.command.includes('supervisor-main'),
  );
  process.kill(supervisor?.pid ?? Number.NaN, 'SIGKILL');
  await server.ended;
  await expect(server.createDatabase()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await server.stop();
});

test('a server that does not react to anything is killed with its children', async () => {
  const owner = await startOwner();
  for (const pid of owner.pids) if (pid !== owner.supervisor) process.kill(pid, 'SIGSTOP');
  owner.child.kill('SIGKILL');
  await expectNothingLeft(owner);
});

test('an owner killed at any moment of the start leaves nothing', async () => {
  const { folder, leftBehind } = await startFolder({ mode: 0o777 });
  for (const afterMs of [200, 400, 600, 900, 1_200]) {
    const child = spawnOwner({}, { env: { TMPDIR: folder } });
    await delay(afterMs);
    const supervisors = (await listProcesses()).filter(({ parentPid }) => parentPid === child.pid);
    child.kill('SIGKILL');
    expect(
      await stillRunning(
        supervisors.map(({ pid }) => pid),
        3_000,
      ),
    ).toEqual([]);
    expect((await listProcesses()).filter(({ command }) => command.includes(folder))).toEqual([]);
    expect(await leftBehind()).toEqual([]);
  }
});

test('data in a folder survives the kill, and the next start recovers it', async () => {
  const dataDir = await temporaryFolder();
  const owner = await startOwner({ dataDir });
  const client = new Client({ connectionString: owner.connectionString });
  client.on('error', () => {});
  await client.connect();
  await client.query('create table t as select 1 as n');
  // The supervisor first: it ends by itself once its postmaster is gone.
  process.kill(owner.supervisor, 'SIGKILL');
  process.kill(owner.postmaster, 'SIGKILL');
  owner.child.kill('SIGKILL');
  expect(await stillRunning(owner.pids, 3_000)).toEqual([]);

  const server = await startPostgres({ dataDir });
  onTestFinished(() => server.stop());
  const again = new Client({ connectionString: server.connectionString });
  await again.connect();
  expect((await again.query('select n from t')).rows).toEqual([{ n: 1 }]);
  await again.end();
});
