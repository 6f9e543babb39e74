import { parametersOf } from '../batching/batch-members.ts';
import type { BoundSql, Write } from '../batching/write-lane.ts';
import type { Sql } from '../database/sql.ts';
import type { Tables } from '../database/tables.ts';
import { charactersOf, type EncodedCommit } from './commit-codec.ts';
import type { HeadColumns } from './head-columns.ts';
import { boundaryCommits, type RunsAtBoundary } from './sql/boundary-commit.ts';
import { boundaryBatches, boundaryColumns } from './sql/boundary-commits.ts';

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

/** How commits at a boundary are sent. The answer is the inbox counter of the session. */
export function boundariesOf(tables: Tables): Write<Boundary> {
  const single = boundaryCommits(tables, 'skip');
  const batches = boundaryBatches(tables);
  return {
    keyOf: ({ sessionId }) => sessionId,
    weightOf: (boundary) =>
      charactersOf(boundary) + (boundary.snapshot?.length ?? 0) + (boundary.endedRun?.length ?? 0),
    alone: (boundary) => bind(single, boundary),
    memberOf: (boundary) => [...placeOf(boundary), boundary.endedRun, boundary.begins],
    parametersOfMember: parametersOf(boundaryColumns),
    together: (size, boundaries) => batches(runsOf(boundaries), size),
  };
}

/** How one is sent that waits for the lock on its head, if somebody has it. */
export function boundaryInTurn(tables: Tables): (boundary: Boundary) => BoundSql {
  const single = boundaryCommits(tables, 'wait');
  return (boundary) => bind(single, boundary);
}

/** Alone it has a statement that knows whether a run ends. */
function bind(statement: (runs: RunsAtBoundary) => Sql, boundary: Boundary): BoundSql {
  const place = placeOf(boundary);
  const values = boundary.endedRun === null ? place : [...place, boundary.endedRun];
  return { sql: statement(runsOf([boundary])), values };
}

function runsOf(boundaries: readonly Boundary[]): RunsAtBoundary {
  return {
    ends: boundaries.some(({ endedRun }) => endedRun !== null),
    begins: boundaries.some(({ begins }) => begins),
  };
}

function placeOf({ sessionId, before, epoch, token, added, body, messages, ...rest }: Boundary) {
  const { snapshot, snapshotInbox, seenInbox, head } = rest;
  const place = [sessionId, before.version, before.epoch, epoch, token];
  const bodies = [added, body, messages, snapshot, snapshotInbox];
  return [...place, ...bodies, seenInbox, before.runId, ...head, before.lastToken];
}
