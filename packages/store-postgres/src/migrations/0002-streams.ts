import type { Migration } from './migration.ts';

/**
 * Streams.
 *
 * `stream_log` has one row a batch of chunks, and one without a body where a writer was opened; its key is the fence, as in
 * `session_log`. `streams` only says up to where chunks are no longer kept.
 */
export const migration0002: Migration = {
  id: 2,
  name: 'streams',
  sql: `
create table :schema.stream_log (
  position int not null,
  epoch int not null,
  attempt int not null,
  writer int not null,
  batch_no int not null,
  first_sequence int not null,
  last_sequence int not null,
  scope text collate "C" not null,
  stream_id text collate "C" not null,
  body json,
  primary key (scope, stream_id, position)
);
alter table :schema.stream_log alter body set storage external;

create table :schema.streams (
  floor int not null,
  scope text collate "C" not null,
  stream_id text collate "C" not null,
  primary key (scope, stream_id)
);
`,
};
