// Catches: a start that fails because another process took the port that was just free.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import type { RunProgram } from './native-program.ts';
import { startServer } from './server.ts';

/** A server that ends at once on the taken port, and is ready at once on any other. */
function programOn(taken: number): RunProgram {
  return async (_program, pgdata, [, port]) => {
    if (port === String(taken)) return { pid: 1, exited: Promise.resolve({ code: 1, signal: null }) };
    await writeFile(join(pgdata, 'postmaster.pid'), ['2', pgdata, '', port, '', '', '', 'ready   '].join('\n'));
    return { pid: 2, exited: new Promise(() => {}) };
  };
}

async function takenPort(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  return (other.address() as AddressInfo).port;
}

test('a free port that was taken meanwhile is given up for another', async () => {
  const taken = await takenPort();
  const found = [taken, taken, 4711];
  const cluster = { pgdata: await temporaryFolder(), password: '' };
  const findPort = async () => found.shift() ?? 0;
  const { port } = await startServer(cluster, { settings: [] }, programOn(taken), findPort);
  expect(port).toBe(4711);
});

test('the port that was asked for is not', async () => {
  const taken = await takenPort();
  const cluster = { pgdata: await temporaryFolder(), password: '' };
  const start = startServer(cluster, { settings: [], port: taken }, programOn(taken));
  await expect(start).rejects.toMatchObject({ program: 'postgres', exit: { code: 1 } });
});
