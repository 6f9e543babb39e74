import type { CallChange } from '../../src/session/call.ts';
import type { CommitRecord } from '../../src/session/commit.ts';
import type { InboxEntry } from '../../src/session/inbox.ts';
import type { SessionSnapshot } from '../../src/session/snapshot.ts';

/** One change of the snapshot, and what changed it. */
export interface Folded {
  readonly before: SessionSnapshot | null;
  readonly after: SessionSnapshot;
  readonly commit?: CommitRecord;
  /** What outsiders delivered. */
  readonly entries?: readonly InboxEntry[];
  /** Calls that moved by themselves. */
  readonly moved?: readonly CallChange[];
}
