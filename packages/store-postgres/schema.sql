create table helix.holders (
  lease_until timestamp with time zone not null,
  lease_ms double precision not null,
  lock_key bigint,
  scope text collate "C" not null,
  holder_id text collate "C" not null,
  constraint holders_pkey PRIMARY KEY (scope, holder_id)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000);

create table helix.migrations (
  id integer not null,
  name text not null,
  checksum text not null,
  ran_at timestamp with time zone default now() not null,
  constraint migrations_pkey PRIMARY KEY (id)
);

create table helix.session_calls (
  epoch integer not null,
  attempt integer not null,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  call_id text not null,
  sent json,
  settled json,
  constraint session_calls_pkey PRIMARY KEY (scope, session_id, call_id)
) with (fillfactor=80);

create table helix.session_inbox (
  seq integer not null,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  item_key text collate "C" not null,
  body json not null,
  constraint session_inbox_pkey PRIMARY KEY (scope, session_id, seq)
);
CREATE UNIQUE INDEX session_inbox_once ON helix.session_inbox USING btree (scope, session_id, item_key);

create table helix.session_log (
  version integer not null,
  epoch integer not null,
  message_count integer not null,
  snapshot_inbox integer,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  token text collate "C" not null,
  body json storage external not null,
  messages json storage external,
  snapshot json,
  constraint session_log_pkey PRIMARY KEY (scope, session_id, version)
);

create table helix.session_runs (
  version integer not null,
  scope text collate "C" not null,
  session_id text collate "C" not null,
  run json not null,
  run_key text collate "C" default "substring"((run)::text, '^[{][^{}]*"key":"([^"]*)"'::text),
  run_id text collate "C" default "substring"((run)::text, '^[{][^{}]*"runId":"([^"]*)"'::text),
  constraint session_runs_pkey PRIMARY KEY (scope, session_id, version)
);
CREATE INDEX session_runs_by_id ON helix.session_runs USING btree (scope, session_id, run_id) WHERE (run_id IS NOT NULL);
CREATE INDEX session_runs_by_key ON helix.session_runs USING btree (scope, session_id, run_key) WHERE (run_key IS NOT NULL);

create table helix.sessions (
  epoch integer not null,
  inbox integer default 0 not null,
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
  constraint sessions_pkey PRIMARY KEY (scope, session_id)
) with (fillfactor=80, autovacuum_vacuum_scale_factor=0.05);
CREATE INDEX sessions_due ON helix.sessions USING btree (scope, runtime, wake_at) WHERE (wake_at IS NOT NULL);
CREATE INDEX sessions_held ON helix.sessions USING btree (scope, holder_id) WHERE (holder_id IS NOT NULL);
CREATE INDEX sessions_recent ON helix.sessions USING btree (scope, updated_at DESC, session_id) WHERE (updated_at >= 0);

create table helix.stream_log (
  position integer not null,
  epoch integer not null,
  attempt integer not null,
  writer integer not null,
  batch_no integer not null,
  first_sequence integer not null,
  last_sequence integer not null,
  scope text collate "C" not null,
  stream_id text collate "C" not null,
  body json storage external,
  constraint stream_log_pkey PRIMARY KEY (scope, stream_id, "position")
);

create table helix.streams (
  floor integer not null,
  scope text collate "C" not null,
  stream_id text collate "C" not null,
  constraint streams_pkey PRIMARY KEY (scope, stream_id)
);
