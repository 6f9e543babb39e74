import type { PostgresStatement } from '@helix-agents/store-postgres';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase } from './bench-database.ts';
import { kindOf } from './counting-port.ts';
import type { FloorCommit } from './floor.ts';

export interface Recorded {
  readonly statements: readonly PostgresStatement[];
  /** What the commits hold, as the floor would write them: the same bytes in one column. */
  readonly commits: readonly FloorCommit[];
}

/** What one run sends to the database. It is run twice: the first opens the lease and prepares. */
export async function recordRun(database: BenchDatabase, run: () => Promise<unknown>): Promise<Recorded> {
  const quietly = () => run().then(() => sleep(50));
  await quietly();
  const statements = await database.port.record(quietly);
  return { statements, commits: statements.filter((statement) => kindOf(statement) === 'commit').map(toFloor) };
}

/** The commits that were appended alone. */
export function sentAppends(statements: readonly PostgresStatement[]): PostgresStatement[] {
  return statements.filter(({ name }) => name?.endsWith('.append_commit'));
}

/** The store's own business is where a value stands; its JSON are the bodies, its only `cmt_` is the token. */
function toFloor({ values }: PostgresStatement): FloorCommit {
  const texts = values.filter((value): value is string => typeof value === 'string');
  const bodies = texts.filter((text) => /^[[{]/.test(text));
  return { token: texts.find((text) => text.startsWith('cmt_')) ?? '', body: `[${bodies.join(',')}]` };
}
