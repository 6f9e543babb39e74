import { describe, expect, it } from 'vitest';
import { openOnce } from '../open-once.ts';
import type { SessionStateStoreBackend } from './backend.ts';
import { calls } from './calls.ts';
import { claims } from './claims.ts';
import { commitTokens } from './commit-tokens.ts';
import { data } from './data.ts';
import { deletions } from './deletions.ts';
import { dueSessions } from './due-sessions.ts';
import { entries } from './entries.ts';
import { exactNames } from './exact-names.ts';
import { histories } from './histories.ts';
import { inbox } from './inbox.ts';
import { leases } from './leases.ts';
import { lists } from './lists.ts';
import { ownerCommits } from './owner-commits.ts';
import { signals } from './signals.ts';
import { wholeRecords } from './whole-records.ts';

/** How thorough the suite is. */
export interface SessionStateStoreSuiteOptions {
  /** Random histories that are played; default 50. */
  readonly histories?: number | undefined;
}

/**
 * Everything that the contract `SessionStateStore` promises. The factory is called once; tests keep apart by ids of their own,
 * so a store may hold what others wrote.
 */
export function sessionStateStoreSuite(
  name: string,
  factory: () => SessionStateStoreBackend | Promise<SessionStateStoreBackend>,
  options: SessionStateStoreSuiteOptions = {},
): void {
  describe(`SessionStateStore: ${name}`, () => {
    const opened = openOnce(factory);

    it('says which contract it keeps and how long its commits last', () => {
      expect(opened().store.contract).toBe('helix.session-state-store/2');
      expect(['none', 'second', 'commit']).toContain(opened().store.durability);
    });
    entries(opened);
    ownerCommits(opened);
    commitTokens(opened);
    data(opened);
    exactNames(opened);
    wholeRecords(opened);
    inbox(opened);
    calls(opened);
    claims(opened);
    leases(opened);
    dueSessions(opened);
    lists(opened);
    signals(opened);
    deletions(opened);
    histories(opened, options.histories ?? 50);
  });
}
