import type { Migration } from './migration.ts';

/**
 * Each message that comes in asks whether it made a run before, in sessions of many runs as well.
 *
 * Key and id stand before the first object in a record. They are cut out, since `->>` decodes every string of a document and refuses
 * what `json` was chosen to keep: `\u0000` and halves of surrogate pairs, in an output or an error. Generated, so that processes of
 * the former release fill them, too. The indices are partial: who asks for a session alone has its key.
 */
export const migration0004: Migration = {
  id: 4,
  name: 'runs-by-key',
  sql: `
alter table :schema.session_runs
  add column run_key text collate "C" generated always as (substring(run::text from '^[{][^{}]*"key":"([^"]*)"')) stored,
  add column run_id text collate "C" generated always as (substring(run::text from '^[{][^{}]*"runId":"([^"]*)"')) stored;
create index session_runs_by_key on :schema.session_runs (scope, session_id, run_key) where run_key is not null;
create index session_runs_by_id on :schema.session_runs (scope, session_id, run_id) where run_id is not null;
`,
};
