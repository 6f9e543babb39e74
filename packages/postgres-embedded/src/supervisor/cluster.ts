import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PostgresStartError } from '../postgres-start-error.ts';
import type { ProcessUser } from '../process/process-user.ts';
import { initdbArguments } from './initdb-arguments.ts';
import { ProgramExited, type RunProgram } from './native-program.ts';
import { makeFolder } from './make-folder.ts';
import type { ServerPlan } from './supervisor-messages.ts';

/** A data directory that a server can be started on, and the password of its user `postgres`. */
export interface Cluster {
  readonly pgdata: string;
  readonly password: string;
}

/** Makes the folder for the data unless it exists. A folder that exists keeps its owner and its mode. */
export async function openDataFolder(folder: string, user: ProcessUser | undefined): Promise<void> {
  if (await makeFolder(folder, 0o700)) await giveTo(user, folder);
}

/**
 * The cluster in the folder, made on first use. It lies in `<folder>/<major version>`, and appears there in one piece: a start
 * that dies half way, or two first starts at once, leave either none or one.
 *
 * @param scratch - Where a new cluster is made; in `folder`, or the same.
 */
export async function openCluster(
  folder: string,
  scratch: string,
  plan: ServerPlan,
  run: RunProgram,
): Promise<Cluster> {
  const home = join(folder, plan.majorVersion);
  const present = await readdir(folder);
  if (!present.includes(plan.majorVersion)) {
    refuseForeign(folder, present);
    const made = await createCluster(scratch, plan, run);
    await rename(made, home).catch(unlessOtherWasFaster);
    if (scratch !== folder) await rm(scratch, { recursive: true });
  }
  return { pgdata: join(home, 'pgdata'), password: await readFile(join(home, 'password'), 'utf8') };
}

/** Ours are not mixed with other people's files. What an empty folder may hold is no matter: a mark of git, a cluster half made. */
function refuseForeign(folder: string, present: readonly string[]): void {
  if (present.includes('PG_VERSION')) {
    throw new PostgresStartError(
      'postgres_data_dir_foreign',
      `${folder} is a Postgres data directory that was made by hand.`,
    );
  }
  const other = present.find((name) => /^\d\d$/.test(name));
  if (other !== undefined) {
    throw new PostgresStartError('postgres_data_dir_other_version', `${folder} holds the data of Postgres ${other}.`);
  }
  const foreign = present.find((name) => !name.startsWith('.') && name !== 'lost+found');
  if (foreign !== undefined) {
    throw new PostgresStartError(
      'postgres_data_dir_foreign',
      `${folder} is not empty, and holds no data of ours: there is ${JSON.stringify(foreign)} in it.`,
    );
  }
}

async function createCluster(scratch: string, plan: ServerPlan, run: RunProgram): Promise<string> {
  const { user, majorVersion, syncNewCluster } = plan;
  const home = join(scratch, 'cluster');
  const pgdata = join(home, 'pgdata');
  const password = join(home, 'password');
  await mkdir(pgdata, { recursive: true, mode: 0o700 });
  await writeFile(password, randomBytes(24).toString('hex'), { mode: 0o600 });
  for (const path of [scratch, home, pgdata, password]) await giveTo(user, path);
  const initdb = await run('initdb', pgdata, [
    ...initdbArguments(majorVersion),
    ...(syncNewCluster ? [] : ['--no-sync']),
  ]);
  const exit = await initdb.exited;
  if (exit.code !== 0) throw new ProgramExited('initdb', exit);
  return home;
}

function unlessOtherWasFaster(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

/** Some systems count `nobody` as -2, which chown wants unsigned. */
async function giveTo(user: ProcessUser | undefined, path: string): Promise<void> {
  if (user) await chown(path, user.uid >>> 0, user.gid >>> 0);
}
