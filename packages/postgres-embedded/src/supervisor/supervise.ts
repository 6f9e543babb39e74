import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresStartError } from '../postgres-start-error.ts';
import { openCluster, openDataFolder } from './cluster.ts';
import { programRunner, ProgramExited } from './native-program.ts';
import { startOrphanGuard } from './orphan-guard.ts';
import { startServer } from './server.ts';
import type { ServerPlan, StartFailure, SupervisorMessage } from './supervisor-messages.ts';

/** The supervisor's way to its owner. */
export interface OwnerConnection {
  readonly report: (message: SupervisorMessage) => Promise<void>;
  /** Aborts when the server must end. */
  readonly ending: AbortSignal;
}

/** Runs one server from its first file to its last process. Resolves when nothing of it is left; never rejects. */
export async function supervise(plan: ServerPlan, { report, ending }: OwnerConnection): Promise<void> {
  const { folder, scratch } = planFolders(plan, randomBytes(6).toString('hex'));
  const guard = startOrphanGuard(scratch);
  try {
    const run = programRunner(plan, { guard, ending });
    await openDataFolder(folder, plan.user);
    const cluster = await openCluster(folder, scratch, plan, run);
    const { server, port } = await startServer(cluster, plan, run);
    await report({ type: 'ready', port, password: cluster.password });
    await server.exited;
  } catch (error) {
    if (!ending.aborted) await report({ type: 'failed', failure: failureOf(error) });
  } finally {
    // The last children of a program that was ended may still be writing their last file.
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await guard.release();
  }
}

/**
 * `folder` holds the data. `scratch` is removed in the end whatever happens: all of the data when it is temporary, otherwise the
 * half-made cluster.
 */
function planFolders(
  { dataDir, temporaryRoot }: Pick<ServerPlan, 'dataDir' | 'temporaryRoot'>,
  suffix: string,
): { folder: string; scratch: string } {
  const temporary = join(temporaryRoot, `helix-postgres-data-${suffix}`);
  return dataDir === undefined
    ? { folder: temporary, scratch: temporary }
    : { folder: dataDir, scratch: join(dataDir, `.new-${suffix}`) };
}

function failureOf(error: unknown): StartFailure {
  if (error instanceof ProgramExited) return { reason: 'exited', program: error.program, exit: error.exit };
  if (error instanceof PostgresStartError) return { reason: 'refused', code: error.code, what: error.what };
  const { code, message } = error as NodeJS.ErrnoException;
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return {
    reason: 'refused',
    code: denied ? 'postgres_data_dir_not_permitted' : 'postgres_start_failed',
    what: `${message}.`,
  };
}
