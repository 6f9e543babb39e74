import type { Migration } from './migration.ts';

/** Each message that comes in asks whether it made a run before, in sessions of many runs as well. */
export const migration0004: Migration = {
  id: 4,
  name: 'runs-by-key',
  sql: `
alter table :schema.session_runs add column run_key text collate "C" generated always as (run ->> 'key') stored;
create index session_runs_keyed on :schema.session_runs (scope, session_id, run_key) where run_key is not null;
`,
};
