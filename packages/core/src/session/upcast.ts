import { HelixError } from '../errors/helix-error.ts';
import type { StoredCallChange } from './call.ts';
import type { CommitRecord } from './commit.ts';
import type { InboxEntry } from './inbox.ts';
import type { MessageRecord } from './message.ts';
import type { RunRecord } from './run.ts';
import type { SessionSnapshot } from './snapshot.ts';

/** Kinds of stored records, with their current shapes. */
interface Stored {
  snapshot: SessionSnapshot;
  commit: CommitRecord;
  inbox: InboxEntry;
  message: MessageRecord;
  run: RunRecord;
  call: StoredCallChange;
}

type Upcast = (old: object) => object;

/**
 * For each kind, what turns version n into n + 1, from 1 on. Records of every version that ever shipped stay readable: each has
 * a frozen fixture in `tests/compat`.
 */
const steps: { readonly [Kind in keyof Stored]: readonly Upcast[] } = {
  snapshot: [],
  commit: [],
  inbox: [],
  message: [],
  run: [],
  call: [],
};

/**
 * A stored record in its current shape.
 *
 * @throws HelixError `state_record_unreadable` for a version of a later release, or none
 */
export function upcast<Kind extends keyof Stored>(kind: Kind, stored: unknown): Stored[Kind] {
  const version = typeof stored === 'object' && stored !== null ? (stored as { v?: unknown }).v : undefined;
  const current = steps[kind].length + 1;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version > current) {
    throw new HelixError(
      'state_record_unreadable',
      `a ${kind} record has version ${String(version)}; this release reads 1 to ${current}`,
    );
  }
  return steps[kind]
    .slice(version - 1)
    .reduce<object>((record, step) => step(record), stored as object) as Stored[Kind];
}
