import type { Migration } from './migration.ts';

/**
 * Sessions.
 *
 * `session_log` has one row a commit and no index but its key, which is the fence. Columns of fixed width come first, bodies
 * last: their places in the row are then known. `json`, not `jsonb`: it keeps `\u0000` and halves of surrogate pairs.
 * `sessions` is written by boundary commits and outsiders only. What cannot be compressed in time is not: EXTERNAL.
 */
export const migration0001: Migration = {
  id: 1,
  name: 'sessions',
  sql: `
create table :schema.session_log (
  version int not null,
  epoch int not null,
  message_count int not null,
  snapshot_inbox int,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  token text collate "C" not null,
  body json not null,
  messages json,
  snapshot json,
  primary key (scope, session_id, version)
);
alter table :schema.session_log alter body set storage external, alter messages set storage external;

create table :schema.sessions (
  epoch int not null,
  inbox int not null default 0,
  wake_at bigint,
  updated_at bigint not null,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  run_id text collate "C",
  phase text collate "C",
  holder_id text collate "C",
  runtime text collate "C" not null,
  agent_type text collate "C" not null,
  user_id text collate "C",
  primary key (scope, session_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
create index sessions_recent on :schema.sessions (scope, updated_at desc, session_id);
create index sessions_due on :schema.sessions (scope, runtime, wake_at) where wake_at is not null;
create index sessions_held on :schema.sessions (scope, holder_id) where holder_id is not null;

create table :schema.session_inbox (
  seq int not null,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  item_key text collate "C" not null,
  body json not null,
  primary key (scope, session_id, seq)
);
create unique index session_inbox_once on :schema.session_inbox (scope, session_id, item_key);

create table :schema.session_runs (
  version int not null,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  run json not null,
  primary key (scope, session_id, version)
);

create table :schema.session_calls (
  epoch int not null,
  attempt int not null,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  call_id text not null,
  sent json,
  settled json,
  primary key (scope, session_id, call_id)
) with (fillfactor = 80);

create table :schema.holders (
  lease_until timestamptz not null,
  lease_ms float8 not null,
  lock_key bigint,
  scope text collate "C" not null,
  holder_id text collate "C" not null,
  primary key (scope, holder_id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
`,
};
