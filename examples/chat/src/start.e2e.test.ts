// Would catch: a start that fails with a stack, or that fails and leaves its database running behind a program that never ends.
import { startPostgres } from '@helix-agents/postgres-embedded';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('server/main.ts', import.meta.url));

/** Runs the program as `npm run chat` does, until it ends by itself. */
async function run(env: Readonly<Record<string, string>>): Promise<{ out: string; err: string; code: number | null }> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn(process.execPath, ['--conditions=@helix-agents/source', main], {
    env: { PATH, HOME, TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { out, err, code };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'helix-chat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

/** Postgres keeps this file for as long as it runs. */
const isRunning = (dataDir: string): boolean => existsSync(join(dataDir, 'postmaster.pid'));

describe('a start that fails', () => {
  it('on a port that is in use says so in one line, and leaves no database behind', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    onTestFinished(() => void busy.close());
    const { port } = busy.address() as AddressInfo;
    const dataDir = temporaryFolder();
    const { out, err, code } = await run({ PORT: String(port), HELIX_DATA_DIR: dataDir });
    expect({ out, err, code }).toEqual({
      out: '',
      err: `problem: port ${port} is in use. Next: set PORT to another one, or end what listens there\n`,
      code: 1,
    });
    expect(existsSync(dataDir)).toBe(true);
    expect(isRunning(dataDir)).toBe(false);
  });

  it('on data that it cannot read says so in one line, and leaves no database behind', async () => {
    const dataDir = temporaryFolder();
    await spoil(dataDir);
    const { err, code } = await run({ PORT: '0', HELIX_DATA_DIR: dataDir });
    expect(err).toMatch(/^problem: the database cannot be used: .+\. Next: remove .+ and try again\n$/);
    expect(code).toBe(1);
    expect(isRunning(dataDir)).toBe(false);
  });

  it('on a database that is not there says so in one line', async () => {
    const { err, code } = await run({ PORT: '0', DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(err).toMatch(/^problem: the database cannot be used: .+\. Next: check DATABASE_URL\n$/);
    expect(code).toBe(1);
  });
});

describe('a chat whose npm is killed', () => {
  it('ends within seconds, with its database: the next one finds its port free', async () => {
    const dataDir = temporaryFolder();
    const npm = spawn('npm', ['run', '--silent', 'chat'], {
      cwd: fileURLToPath(new URL('../../../', import.meta.url)),
      env: { ...process.env, PORT: '0', HELIX_DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(npm.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(line.toString())?.[0] ?? '';
    expect((await fetch(url)).status).toBe(200);
    npm.kill('SIGKILL');
    const answers = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 5_000 }).toBe(false);
    expect(isRunning(dataDir)).toBe(false);
  });
});

/** A database in which the first migration meets a table of somebody else. */
async function spoil(dataDir: string): Promise<void> {
  const server = await startPostgres({ dataDir });
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query('create schema helix; create table helix.session_log (nothing integer)');
  await client.end();
  await server.stop();
}
