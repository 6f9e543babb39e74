import type { Agent } from '../../agent/agent.ts';
import { AgentAlreadyRunningError } from '../../errors/helix-error.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { claimSession } from '../drive/claim-session.ts';
import type { SessionHost } from '../drive/session-host.ts';
import { isHeldBy, isSameHold } from '../lease/held-session.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import { Owner } from '../owner/owner.ts';
import { giveUp } from '../step/give-up.ts';
import { beginRun } from './begin-run.ts';
import type { Entry, EntryCheck } from './entry.ts';
import { silentSink } from '../sink/silent-sink.ts';

/**
 * A run whose owner is gone, or that only waits, is ended by the entry that takes its place, in the same commit. From the claim on
 * the run is ours, and nobody else here takes it up: an entry that does not come about leaves it running here. Null where the
 * session changed meanwhile.
 */
export async function supersede(
  host: SessionHost,
  lease: HolderLease,
  entry: Entry,
  check: EntryCheck,
): Promise<string | null> {
  const runId = await host.asking(entry.agent, entry.sessionId, lease, async () => {
    const claimed = await claimLive(host, lease, entry.sessionId);
    return claimed && claimed !== owned ? replace(host, lease, entry, check, claimed) : claimed;
  });
  return runId === owned ? joinOwned(host, entry, check) : runId;
}

/** Asks again over what was claimed: another one may have begun this very turn since the session was read. */
async function replace(
  host: SessionHost,
  lease: HolderLease,
  entry: Entry,
  check: EntryCheck,
  claimed: SessionSnapshot,
): Promise<string | null> {
  let session: SessionSnapshot | null = claimed;
  while (isHeldBy(session, lease) && isSameHold(session, claimed)) {
    const verdict = await check(session);
    if (typeof verdict === 'object') {
      host.drive(entry.agent, session, lease);
      return verdict.join;
    }
    const owner = ownerFor(host, entry.agent, session, lease);
    const ending = await giveUp(owner, session, 'client_tool_abandoned', 'interrupt');
    const runId = await beginRun(host, lease, entry, session, ending);
    if (runId !== null) return runId;
    session = await host.parts.store.load(entry.sessionId);
  }
  return null;
}

/** Said in place of a session that somebody else has. */
const owned: unique symbol = Symbol('owned');

/** Null where there is no live run any more. A run of another runtime is somebody else's, however it stands. */
async function claimLive(
  host: SessionHost,
  lease: HolderLease,
  sessionId: string,
): Promise<SessionSnapshot | typeof owned | null> {
  const claim = await claimSession(host, lease, sessionId, true);
  if (claim.claimed) return claim.session;
  return claim.reason === 'owned' || claim.reason === 'other-runtime' ? owned : null;
}

/** The run that somebody owns may be this very entry's: begun since the session was read. */
async function joinOwned({ parts }: SessionHost, { sessionId }: Entry, check: EntryCheck): Promise<string> {
  const session = await parts.store.load(sessionId);
  const verdict = session && (await check(session));
  if (verdict !== null && typeof verdict === 'object') return verdict.join;
  throw new AgentAlreadyRunningError(sessionId, session?.run?.runId ?? 'unknown');
}

/** An owner that only writes one commit: it streams nothing and asks no model. */
function ownerFor({ parts }: SessionHost, agent: Agent, session: SessionSnapshot, lease: HolderLease): Owner {
  const { store, llm, ports } = parts;
  return new Owner(session, { agent, store, llm, ports, lease, chunks: silentSink(session.streamSequence) });
}
