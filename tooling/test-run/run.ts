/**
 * `npm test`: runs the tests, and leaves no process behind however it ends.
 *
 * 1. The keeper runs Vitest in a session of its own, so nothing that happens to this process's group reaches it unseen.
 * 2. The keeper ends the run when this process, or the npm that started it, is gone: SIGKILL runs no handler.
 * 3. This process ends the run when the keeper is gone.
 *
 * Without arguments the whole suite is meant: a skipped test or a tier without tests is named, and fails the run where `CI`
 * is set. A person's machine may lack what a test needs, such as being root. Arguments go to Vitest.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { npmAncestors } from '@helix-agents/postgres-embedded';
import { endRun, runMark } from './end-run.ts';
import { formatSummary, gaps, makeRoomForReport, readSummary, reportFile } from './report.ts';

const vitestArguments = process.argv.slice(2);
const mark = randomUUID();
const owners = [process.pid, ...(await npmAncestors())];

try {
  makeRoomForReport();
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  console.error(
    `the tests cannot write to ${dirname(reportFile)} (${code}). Next: run them in a copy that is yours to write to`,
  );
  process.exit(1);
}
const keeper = spawn(
  process.execPath,
  [...process.execArgv, join(import.meta.dirname, 'keeper.ts'), owners.join(','), ...vitestArguments],
  { detached: true, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, [runMark]: mark } },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => keeper.kill(signal));
const [exitCode] = await once(keeper, 'exit');
if (keeper.pid) await endRun({ mark, groupId: keeper.pid });

const summary = readSummary();
const missing = summary && vitestArguments.length === 0 ? gaps(summary) : [];
for (const gap of missing) console.error(gap);
if (summary) console.log(formatSummary(summary));
process.exitCode = exitCode === 0 && (missing.length === 0 || !process.env['CI']) ? 0 : 1;
