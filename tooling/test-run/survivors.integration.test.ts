// Would catch a Postgres, a browser or any other process of ours that goes on running after `npm test` was killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { isRunning, listProcesses, type ProcessEntry } from '@helix-agents/postgres-embedded/processes';
import { afterEach, expect, test, vi } from 'vitest';
import { scratchFolder } from '../scratch-folder.ts';
import { repository } from '../workspaces.ts';

const condition = '--conditions=@helix-agents/source';
const allowedMs = 3_000;

/** A suite that starts a server and a browser, leaves a process in a session of its own, and ends only when it is told to. */
const endlessTest = `
  import { spawn } from 'node:child_process';
  import { existsSync, writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { startPostgres } from '@helix-agents/postgres-embedded';
  import { launchBrowser } from '@helix-agents/test-browser';
  import { test } from 'vitest';
  test('never ends', { timeout: 0 }, async () => {
    await startPostgres({ durability: 'none' });
    await launchBrowser();
    spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref();
    writeFileSync('started', '');
    while (!existsSync('end')) await sleep(100);
  });
`;
const scratch: string[] = [];

afterEach(() => {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('a run that ends leaves nothing behind that its tests left', { timeout: 60_000 }, async () => {
  const { npm, tree, folder } = await startEndlessRun();
  writeFileSync(join(folder, 'end'), '');
  expect(await once(npm, 'exit')).toEqual([0, null]);
  await expectNoneRunning(tree);
});

test('SIGKILL of npm leaves nothing behind', { timeout: 60_000 }, async () => {
  const { npm, tree } = await startEndlessRun();
  npm.kill('SIGKILL');
  await expectNoneRunning(tree);
});

test('SIGKILL of the runner leaves nothing behind', { timeout: 60_000 }, async () => {
  const { tree } = await startEndlessRun();
  process.kill(processNamed(tree, 'test-run/run.ts'), 'SIGKILL');
  await expectNoneRunning(tree);
});

test('SIGKILL of the keeper leaves nothing behind', { timeout: 60_000 }, async () => {
  const { tree } = await startEndlessRun();
  process.kill(processNamed(tree, 'test-run/keeper.ts'), 'SIGKILL');
  await expectNoneRunning(tree);
});

test('SIGKILL of npm’s whole process group leaves nothing behind', { timeout: 60_000 }, async () => {
  const { npm, tree } = await startEndlessRun();
  process.kill(-Number(npm.pid), 'SIGKILL');
  await expectNoneRunning(tree);
});

test('an interrupted run ends with everything that it started', { timeout: 60_000 }, async () => {
  const { npm, tree } = await startEndlessRun();
  process.kill(-Number(npm.pid), 'SIGINT');
  await once(npm, 'exit');
  await expectNoneRunning(tree);
});

/** Runs the endless suite under npm, and resolves with every process of it when the suite has started them all. */
async function startEndlessRun(): Promise<{ npm: ChildProcess; tree: ProcessEntry[]; folder: string }> {
  const folder = endlessSuite();
  const npm = spawn('npm', ['test'], {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HELIX_TEST_REPORT: join(folder, 'report.json'),
      // There the suite would fail for the tiers that it lacks.
      CI: '',
    },
  });
  const tree = await vi.waitUntil(
    async () => {
      const processes = descendants(await listProcesses(), Number(npm.pid));
      return processes.some(({ command }) => command.startsWith('sleep 600')) && processes;
    },
    { timeout: 30_000 },
  );
  const commands = tree.map(({ command }) => command).join('\n');
  expect(commands).toMatch(/bin\/postgres/);
  expect(commands).toMatch(/chrom/i);
  return { npm, tree, folder };
}

function endlessSuite(): string {
  const folder = scratchFolder('endless');
  scratch.push(folder);
  const run = join(repository, 'tooling/test-run/run.ts');
  const conditions = `['@helix-agents/source']`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { test: `node ${condition} ${run}` } }));
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `export default { resolve: { conditions: ${conditions} }, ssr: { resolve: { conditions: ${conditions} } } };`,
  );
  writeFileSync(join(folder, 'endless.test.ts'), endlessTest);
  return folder;
}

/** A process and all below it, itself first. */
function descendants(processes: readonly ProcessEntry[], pid: number): ProcessEntry[] {
  const children = processes.filter(({ parentPid }) => parentPid === pid);
  return [
    ...processes.filter((each) => each.pid === pid),
    ...children.flatMap((child) => descendants(processes, child.pid)),
  ];
}

function processNamed(tree: ProcessEntry[], part: string): number {
  const found = tree.find(({ command }) => command.includes(part) && !command.startsWith('sh '));
  if (!found) throw new Error(`no ${part} in:\n${tree.map(({ command }) => command).join('\n')}`);
  return found.pid;
}

async function expectNoneRunning(tree: ProcessEntry[]): Promise<void> {
  const left = async () => {
    const running = await Promise.all(tree.map(({ pid }) => isRunning(pid)));
    return tree.filter((_, index) => running[index]).map(({ command }) => command);
  };
  await expect.poll(left, { timeout: allowedMs, interval: 100 }).toEqual([]);
}
