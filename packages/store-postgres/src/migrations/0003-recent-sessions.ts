import type { Migration } from './migration.ts';

/**
 * The index of the list of sessions holds the key of a session, too, and on a small or unknown table the planner took it for looks
 * by that key: a plan that a connection then keeps reads every session of the scope in each commit. Of a partial index it knows
 * that only the list, which names the condition, can use it. The condition holds for every session.
 */
export const migration0003: Migration = {
  id: 3,
  name: 'recent-sessions',
  sql: `
drop index :schema.sessions_recent;
create index sessions_recent on :schema.sessions (scope, updated_at desc, session_id) where updated_at >= 0;
`,
};
