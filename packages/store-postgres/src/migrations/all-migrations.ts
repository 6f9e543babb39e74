import type { Migration } from './migration.ts';
import { migration0001 } from './0001-sessions.ts';
import { migration0002 } from './0002-streams.ts';
import { migration0003 } from './0003-recent-sessions.ts';
import { migration0004 } from './0004-runs-by-key.ts';

/** In order of their ids. */
export const allMigrations: readonly Migration[] = [migration0001, migration0002, migration0003, migration0004];
