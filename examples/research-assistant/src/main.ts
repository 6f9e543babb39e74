import { HelixError, JSAgentExecutor, resolvePorts, type AgentResult, type SessionSnapshot } from '@helix-agents/sdk';
import { researchAssistant, type ResearchAnswer } from './agent.ts';
import { ask, findSession, folderOf, type AskParts } from './ask.ts';
import { chooseModel } from './choose-model.ts';
import { asksForHelp, help, readSettings, type Settings } from './config.ts';
import { crashAfter } from './crash-after.ts';
import { openDatabase, type Database } from './database.ts';
import { openFolder } from './documents/folder.ts';
import { Problem } from './problem.ts';
import { jsonReport } from './report/json-report.ts';
import type { Report } from './report/report.ts';
import { plural } from './report/plural.ts';
import { textReport } from './report/text-report.ts';

const { stdout, stderr } = process;

function makeReport(json: boolean): Report {
  const out = (text: string) => void stdout.write(text);
  if (json) return jsonReport(out);
  const progress = stdout.isTTY ? out : (text: string) => void stderr.write(text);
  return textReport(out, progress, stdout.isTTY && !process.env['NO_COLOR']);
}

/** Answers one question; resolves with the exit code. */
async function answer(settings: Settings, report: Report): Promise<number> {
  const model = chooseModel(settings.model);
  // A wrong folder is told before a database starts; a session knows its own.
  const given = settings.sessionId === null ? await openFolder(settings.dir) : null;
  const database = await openDatabase(settings);
  const { stateStore, streamManager } = database;
  const sessionId = settings.sessionId ?? resolvePorts().ids.next('ses');
  const farewell = () => report.notice(`ending this process by SIGKILL; go on with --session ${sessionId}`);
  const reached = settings.crashAfter === null ? undefined : crashAfter(settings.crashAfter, farewell);
  const executor = new JSAgentExecutor(stateStore, streamManager, model.llm, { ...(reached && { reached }) });
  try {
    const session = settings.sessionId === null ? null : await findSession(stateStore, settings.sessionId);
    const folder = given ?? (await openFolder(folderOf(session, settings.dir)));
    report.begin({ sessionId, model: model.name, folder: folder.name, documents: folder.documents.length });
    for (const { path, reason } of folder.skipped) report.skipped(path, reason);
    const agent = researchAssistant(folder);
    return await follow({ executor, agent, store: stateStore, report }, { settings, session, sessionId });
  } finally {
    await close(executor, database);
  }
}

interface Asking {
  readonly settings: Settings;
  readonly session: SessionSnapshot | null;
  readonly sessionId: string;
}

/** Follows each run to its end. What was left open comes first; the exit code is that of the last. */
async function follow(parts: AskParts, { settings, session, sessionId }: Asking): Promise<number> {
  const { report } = parts;
  let exitCode = 0;
  for await (const { handle, after } of ask(parts, {
    question: settings.question,
    dir: settings.dir,
    session,
    sessionId,
  })) {
    const startedAt = performance.now();
    const onInterrupt = () => {
      report.notice(`stopping; go on with --session ${sessionId}`);
      handle.interrupt('the user pressed Ctrl-C').catch(() => {});
    };
    process.once('SIGINT', onInterrupt);
    for await (const chunk of (await handle.stream(after === undefined ? {} : { after })) ?? []) report.chunk(chunk);
    const result = await handle.result();
    process.off('SIGINT', onInterrupt);
    report.end(result, await handle.getUsageRollup(), performance.now() - startedAt);
    exitCode = toExitCode(result, report);
    if (result.status === 'interrupted') break;
  }
  if (settings.crashAfter !== null)
    report.notice(`the run ended before ${plural(settings.crashAfter, 'step')} with tools: nothing crashed`);
  return exitCode;
}

function toExitCode({ status, error, sessionId }: AgentResult<ResearchAnswer>, report: Report): number {
  if (status === 'completed') return 0;
  if (!error) return 130;
  const { message, nextStep, exitCode } = HelixError.fromDetail(error);
  report.problem(message, `${nextStep} Nothing is lost: the same command with --session ${sessionId} goes on.`);
  return exitCode;
}

async function close(executor: JSAgentExecutor, database: Database): Promise<void> {
  await executor.close();
  await database.close();
}

async function main(): Promise<void> {
  if (asksForHelp(process.argv.slice(2))) return void stdout.write(help);
  const report = makeReport(process.argv.includes('--json'));
  try {
    const settings = readSettings(process.argv.slice(2), process.env);
    process.exitCode = await answer(settings, report);
  } catch (error) {
    const { message, nextStep, exitCode } = explain(error);
    report.problem(message, nextStep);
    process.exitCode = exitCode;
  }
}

function explain(error: unknown): Pick<Problem, 'message' | 'nextStep' | 'exitCode'> {
  if (error instanceof Problem || HelixError.is(error)) return error;
  return {
    message: error instanceof Error ? error.message : String(error),
    nextStep: 'report this; nothing that was recorded is lost',
    exitCode: 70,
  };
}

await main();
