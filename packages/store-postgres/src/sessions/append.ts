import type { Write } from '../batching/write-lane.ts';
import { makeOnce } from '../batching/make-once.ts';
import type { Tables } from '../database/tables.ts';
import { charactersOf, type EncodedCommit } from './commit-codec.ts';
import { appendCommit } from './sql/append-commit.ts';
import { appendCommits, appendThoseThatFit } from './sql/append-commits.ts';

/** An ordinary commit on its way. */
export interface Append extends EncodedCommit {
  readonly sessionId: string;
  readonly version: number;
  readonly epoch: number;
  readonly token: string;
  readonly snapshot: string | null;
  readonly snapshotInbox: number | null;
  readonly lastToken: string;
}

/** How ordinary commits are sent. The answer is the inbox counter of the session. */
export function appendsTo(tables: Tables): Write<Append> {
  const single = appendCommit(tables);
  return {
    keyOf: ({ sessionId }) => sessionId,
    weightOf: (append) => charactersOf(append) + (append.snapshot?.length ?? 0),
    alone: (append) => ({ sql: single, values: valuesOf(append) }),
    memberOf: valuesOf,
    together: makeOnce((size) => appendCommits(tables, size)),
    thoseThatFit: makeOnce((size) => appendThoseThatFit(tables, size)),
  };
}

function valuesOf(append: Append) {
  const { sessionId, version, epoch, token, added, body, messages, snapshot, snapshotInbox, lastToken } = append;
  return [sessionId, version, epoch, token, added, body, messages, snapshot, snapshotInbox, lastToken];
}
