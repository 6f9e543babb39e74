import { openDatabase, Problem, type Database } from '@helix-agents/example-environment';
import { HelixError, JSAgentExecutor, resolvePorts, type AgentResult, type SessionSnapshot } from '@helix-agents/sdk';
import { researchAssistant, type ResearchAnswer } from './agent.ts';
import { ask, type AskParts } from './ask.ts';
import { chooseModel } from './choose-model.ts';
import { asksForHelp, help, readSettings, type Settings } from './config.ts';
import { crashAfter } from './crash-after.ts';
import { openFolder } from './documents/folder.ts';
import { failureOf, failureOfRun } from './failure.ts';
import { followRun } from './follow-run.ts';
import { isUnread, openOutput, type Output } from './output.ts';
import { findSession, openFolderOf } from './named-session.ts';
import { chooseReport } from './report/choose-report.ts';
import { isPlain } from './report/is-plain.ts';
import type { Report } from './report/report.ts';
import { plural } from './report/plural.ts';

/** One that was killed just now takes a moment to end its database. */
const inUse = {
  message: 'another demo is using the database',
  nextStep: 'end it first, or set DATABASE_URL',
  waitMs: 10_000,
};

/** Answers one question; resolves with the exit code. A run is interrupted as soon as nobody can read of it. */
async function answer(settings: Settings, report: Report, unread: AbortSignal): Promise<number> {
  const model = chooseModel(settings.model);
  // A wrong folder is told before a database starts; a session knows its own.
  const given = settings.sessionId === null ? await openFolder(settings.dir) : null;
  const database = await openDatabase(settings, inUse);
  const { stateStore, streamManager } = database;
  const sessionId = settings.sessionId ?? resolvePorts().ids.next('ses');
  void database.lost.then(() => endWithDatabase(report, sessionId));
  const farewell = () => report.notice(`ending this process by SIGKILL; go on with --session ${sessionId}`);
  const reached = settings.crashAfter === null ? undefined : crashAfter(settings.crashAfter, farewell);
  const executor = new JSAgentExecutor(stateStore, streamManager, model.llm, { reached });
  try {
    const session = settings.sessionId === null ? null : await findSession(stateStore, settings.sessionId);
    const folder = given ?? (await openFolderOf(session, settings.dir));
    const begin = () => {
      const { question } = settings;
      report.begin({ sessionId, model: model.name, folder: folder.name, documents: folder.documents.length, question });
      report.skipped(folder.skipped);
    };
    const parts = { executor, agent: researchAssistant(folder), store: stateStore, report };
    return await follow(parts, { settings, session, sessionId, begin, unread });
  } finally {
    await close(executor, database);
  }
}

/** Without its database nothing can be written down any more: the process ends as by a crash, which loses nothing. */
function endWithDatabase(report: Report, sessionId: string): never {
  const goOn = `the same command with --session ${sessionId} goes on`;
  const unharmed = 'What was recorded is kept.';
  report.problem(new Problem('state_store_unavailable', 'the embedded database has ended', goOn, { unharmed }));
  process.exit(1);
}

interface Asking {
  readonly settings: Settings;
  readonly session: SessionSnapshot | null;
  readonly sessionId: string;
  /** Tells what is begun, once the session is there: who stops before has not been told an id that nobody knows. */
  readonly begin: () => void;
  readonly unread: AbortSignal;
}

/** Follows each run to its end. What was left open comes first; the exit code is that of the last. */
async function follow(parts: AskParts, { settings, session, sessionId, begin, unread }: Asking): Promise<number> {
  const { report } = parts;
  const { question, dir, crashAfter: steps } = settings;
  let exitCode = 0;
  let begun = session !== null;
  if (begun) begin();
  for await (const asked of ask(parts, { question, dir, session, sessionId })) {
    if (!begun) begin();
    begun = true;
    const startedAt = performance.now();
    const result = await followRun(parts, asked, unread);
    report.end(result, await asked.handle.getUsageRollup(), performance.now() - startedAt);
    exitCode = toExitCode(result, report);
    if (result.status === 'interrupted') break;
  }
  if (steps !== null) report.notice(`the run ended before ${plural(steps, 'step')} with tools: nothing crashed`);
  return exitCode;
}

function toExitCode({ status, error, sessionId }: AgentResult<ResearchAnswer>, report: Report): number {
  if (status === 'completed') return 0;
  if (!error) return 130;
  const failure = failureOfRun(HelixError.fromDetail(error), sessionId);
  report.problem(failure);
  return failure.exitCode;
}

async function close(executor: JSAgentExecutor, database: Database): Promise<void> {
  await executor.close();
  await database.close();
}

async function main(output: Output): Promise<number> {
  if (asksForHelp(process.argv.slice(2))) {
    output.out(help);
    return 0;
  }
  const how = { terminal: process.stdout.isTTY, plain: isPlain(process.env) };
  const report = chooseReport({ json: process.argv.includes('--json'), ...how }, output);
  try {
    return await answer(readSettings(process.argv.slice(2), process.env), report, output.closed);
  } catch (error) {
    const failure = failureOf(error);
    report.problem(failure);
    return failure.exitCode;
  }
}

/** Exit code of sysexits for output that cannot be written. */
const cannotWrite = 74;

/** Who stops reading, as `head` does, has what they want; a full disk is told where there is still somebody to tell. */
function onClosed({ closed, err }: Output): void {
  process.exitCode = isUnread(closed) ? 0 : cannotWrite;
  if (isUnread(closed)) return;
  const { code = String(closed.reason) } = closed.reason as NodeJS.ErrnoException;
  const next = 'What was recorded is kept. Next: write it somewhere else';
  err(`problem: standard output cannot be written (${code}). ${next}\n`);
}

const output = openOutput(process.stdout, process.stderr);
output.closed.addEventListener('abort', () => onClosed(output), { once: true });
const exitCode = await main(output);
if (!output.closed.aborted) process.exitCode = exitCode;
