import { makeOnce } from '../batching/make-once.ts';
import type { Write } from '../batching/write-lane.ts';
import type { Tables } from '../database/tables.ts';
import { charactersOf, type EncodedCommit } from './commit-codec.ts';
import type { HeadColumns } from './head-columns.ts';
import { boundaryCommit, type RunsAtBoundary, type WhereLocked } from './sql/boundary-commit.ts';
import { boundaryCommits, type BoundaryBatch } from './sql/boundary-commits.ts';

/** A commit at a boundary on its way. */
export interface Boundary extends EncodedCommit {
  readonly sessionId: string;
  /** Of the session that it goes on. */
  readonly before: {
    readonly version: number;
    readonly epoch: number;
    readonly runId: string | null;
    readonly lastToken: string;
  };
  readonly epoch: number;
  readonly token: string;
  readonly snapshot: string | null;
  readonly snapshotInbox: number | null;
  /** The inbox that it was decided over, where that matters. */
  readonly seenInbox: number | null;
  readonly head: HeadColumns;
  /** The record of the run that it ends. */
  readonly endedRun: string | null;
  readonly begins: boolean;
}

/**
 * How commits at a boundary are sent. The answer is the inbox counter of the session. `whereLocked` is for one that goes alone: in a
 * batch none waits.
 */
export function boundariesOf(tables: Tables, whereLocked: WhereLocked = 'skip'): Write<Boundary> {
  const single = makeOnce((runs: RunsAtBoundary) => boundaryCommit(tables, runs, whereLocked));
  const batch = makeOnce((batched: BoundaryBatch) => boundaryCommits(tables, batched));
  return {
    keyOf: ({ sessionId }) => sessionId,
    weightOf: (boundary) =>
      charactersOf(boundary) + (boundary.snapshot?.length ?? 0) + (boundary.endedRun?.length ?? 0),
    alone: (boundary) => ({ sql: single(runsOf([boundary])), values: valuesOf(boundary) }),
    memberOf: (boundary) => [...placeOf(boundary), boundary.endedRun, boundary.begins],
    together: (size, boundaries) => batch({ ...runsOf(boundaries), size }),
  };
}

function runsOf(boundaries: readonly Boundary[]): RunsAtBoundary {
  return {
    ends: boundaries.some(({ endedRun }) => endedRun !== null),
    begins: boundaries.some(({ begins }) => begins),
  };
}

/** Alone it has a statement that knows whether a run ends. */
function valuesOf(boundary: Boundary) {
  return boundary.endedRun === null ? placeOf(boundary) : [...placeOf(boundary), boundary.endedRun];
}

function placeOf({ sessionId, before, epoch, token, added, body, messages, ...rest }: Boundary) {
  const { snapshot, snapshotInbox, seenInbox, head } = rest;
  const place = [sessionId, before.version, before.epoch, epoch, token];
  const bodies = [added, body, messages, snapshot, snapshotInbox];
  return [...place, ...bodies, seenInbox, before.runId, ...head, before.lastToken];
}
