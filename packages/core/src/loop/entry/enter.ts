import { HelixError } from '../../errors/helix-error.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { SessionHost } from '../drive/session-host.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import { beginRun } from './begin-run.ts';
import type { Entry, EntryCheck } from './entry.ts';
import { mustKeepCalls } from './must-keep-calls.ts';
import { checkAgent, checkUser, planEntry } from './plan-entry.ts';
import { supersede } from './supersede.ts';

/** How often an entry is planned anew because the session changed under it. */
const maxTries = 8;

/**
 * Begins a run, or finds the one that the same entry began before, and resolves with its id. Decided inside the commit: of two at
 * once one lands, and the other plans anew over what it finds.
 */
export async function enter(host: SessionHost, entry: Entry, check: EntryCheck): Promise<string> {
  const { sessionId, isNew } = entry;
  mustKeepCalls(host.parts.store, entry.agent);
  return host.underLease(async (lease) => {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const session = isNew && tries === 0 ? null : await host.parts.store.load(sessionId);
      const runId = await tryEnter(host, lease, entry, check, session);
      if (runId !== null) return runId;
    }
    throw new HelixError('state_concurrency_conflict', `session ${sessionId} kept changing while a run was to begin`);
  });
}

/** Null where the session changed meanwhile. */
async function tryEnter(
  host: SessionHost,
  lease: HolderLease,
  entry: Entry,
  check: EntryCheck,
  session: SessionSnapshot | null,
): Promise<string | null> {
  // Before anything is said of the session, and before a run of it is joined or superseded.
  if (session) {
    checkUser(session, entry.identity);
    checkAgent(session, entry.agent);
    if (entry.mustBeNew) throw new HelixError('state_session_exists', `there is a session ${entry.sessionId}`);
  }
  const verdict = await check(session);
  if (typeof verdict === 'object') return verdict.join;
  if (verdict === 'begin' || !session) return beginRun(host, lease, entry, session);
  // What the plan refuses is refused before the run is claimed: from then on it would go on here.
  await planEntry(session, { ...entry, runtime: host.runtime }, host.parts.ports);
  return supersede(host, lease, entry, check);
}
