import type { Migration } from './migration.ts';
import { migration0001 } from './0001-sessions.ts';
import { migration0002 } from './0002-streams.ts';
import { migration0003 } from './0003-recent-sessions.ts';

/** In order of their ids. */
export const allMigrations: readonly Migration[] = [migration0001, migration0002, migration0003];
