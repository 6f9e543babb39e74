import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNativePackage } from './binaries/native-package.ts';
import { usableBinaries } from './binaries/usable-binaries.ts';
import { explainFailure } from './explain-failure.ts';
import { postgresServer, type PostgresServer } from './postgres-server.ts';
import { PostgresStartError } from './postgres-start-error.ts';
import { unprivilegedUser } from './process/unprivileged-user.ts';
import { resolveStartOptions, type ResolvedStartOptions, type StartPostgresOptions } from './start-options.ts';
import { startSupervisor, type SupervisorProcess } from './supervisor-process.ts';
import type { ServerPlan, SupervisorMessage } from './supervisor/supervisor-messages.ts';

const rememberedLines = 50;

/**
 * Starts a real Postgres on 127.0.0.1 and resolves when it accepts connections.
 *
 * The server does not outlive this process, however this process ends; data without a `dataDir` goes with it. A server alone
 * does not keep this process alive. Root may call this: Postgres then runs as an unprivileged user.
 *
 * @throws PostgresStartError when it cannot start. Throws the reason of `abortSignal` when that ends the start. Neither leaves
 * anything behind.
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const { abortSignal, log } = options;
  const resolved = resolveStartOptions(options);
  abortSignal?.throwIfAborted();
  const plan = await planServer(resolved);

  const lines: string[] = [];
  const supervisor = startSupervisor(plan, (line) => {
    lines.push(line);
    if (lines.length > rememberedLines) lines.shift();
    log?.(line);
  });
  const timeout = AbortSignal.timeout(resolved.timeoutMs);
  const answer = await answerUnless(AbortSignal.any(abortSignal ? [abortSignal, timeout] : [timeout]), supervisor);
  if (answer?.type === 'ready') {
    supervisor.release();
    return postgresServer(answer, supervisor);
  }
  abortSignal?.throwIfAborted();
  if (timeout.aborted)
    throw new PostgresStartError('postgres_start_timeout', `Not ready after ${resolved.timeoutMs} ms.`);
  throw explainFailure(answer?.failure, lines, plan);
}

async function planServer({ dataDir, ...resolved }: ResolvedStartOptions): Promise<ServerPlan> {
  const native = await findNativePackage();
  const user = await unprivilegedUser(dataDir && join(dataDir, native.majorVersion));
  const binariesFolder = await usableBinaries(native, user);
  return { ...resolved, dataDir, binariesFolder, user, majorVersion: native.majorVersion, temporaryRoot: tmpdir() };
}

/** The supervisor's word, or `undefined` when there is none. Without a server, nothing of it is left when this resolves. */
async function answerUnless(
  interrupt: AbortSignal,
  supervisor: SupervisorProcess,
): Promise<SupervisorMessage | undefined> {
  const end = (): void => void supervisor.end();
  interrupt.addEventListener('abort', end);
  if (interrupt.aborted) end();
  const answer = await supervisor.answer;
  interrupt.removeEventListener('abort', end);
  if (answer?.type === 'ready' && !interrupt.aborted) return answer;
  await supervisor.ended;
  return interrupt.aborted ? undefined : answer;
}
