import {
  AgentAlreadyRunningError,
  checkUser,
  findRun,
  fold,
  giveUp,
  HelixError,
  isLive,
  operatorWaitId,
  Owner,
  planEntry,
  type Agent,
  type Draft,
  type EntryRequest,
  type SessionCommit,
  type SessionSnapshot,
  type HolderLease,
} from '@helix-agents/core';
import { silentSink } from './chunk-sink.ts';
import type { HostParts, SessionHost } from './session-host.ts';

export const runtimeName = 'js';

/** How often an entry is planned anew because the session changed under it. */
const maxTries = 8;

/** What an entry asks for, before it is known how the session stands. */
export type Entry = Omit<EntryRequest, 'runtime' | 'holderId'> & {
  /** The id of the session was made for this entry: there is nothing to read. */
  readonly isNew?: boolean;
};

/** The run that an entry led to; `made` where this entry made it. */
export interface Entered {
  readonly runId: string;
  readonly made: boolean;
}

/**
 * Begins a run, or finds the one that the same entry began before. Decided inside the commit: of two at once one lands, and the
 * other plans anew over what it finds.
 */
export async function enter(host: SessionHost, parts: HostParts, entry: Entry, check: EntryCheck): Promise<Entered> {
  return host.underLease(async (lease) => {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const session = entry.isNew && tries === 0 ? null : await parts.store.load(entry.sessionId);
      const entered = await tryEnter(host, parts, lease, entry, check, session);
      if (entered) return entered;
    }
    throw new HelixError(
      'state_concurrency_conflict',
      `session ${entry.sessionId} kept changing while a run was to begin`,
    );
  });
}

/** Says how an entry meets a session as it stands: it begins a run, joins one, or is refused by a throw. */
export type EntryCheck = (session: SessionSnapshot | null) => EntryVerdict | Promise<EntryVerdict>;

type EntryVerdict = 'begin' | 'supersede' | { readonly join: string };

async function tryEnter(
  host: SessionHost,
  parts: HostParts,
  lease: HolderLease,
  entry: Entry,
  check: EntryCheck,
  session: SessionSnapshot | null,
): Promise<Entered | undefined> {
  // Before anything is said of the session, and before a run of it is joined or superseded.
  if (session) checkUser(session, entry.identity);
  const verdict = await check(session);
  if (typeof verdict === 'object') return { runId: verdict.join, made: false };
  if (verdict === 'begin' || !session) return begin(host, parts, lease, entry, session);
  return supersede(host, parts, lease, entry, check);
}

async function begin(
  host: SessionHost,
  parts: HostParts,
  lease: HolderLease,
  entry: Entry,
  session: SessionSnapshot | null,
  ending?: Draft,
): Promise<Entered | undefined> {
  const request = { ...entry, runtime: runtimeName, holderId: lease.holderId };
  const commit = await planEntry(session, request, parts.ports, ending);
  parts.reached?.('entry-commit:before');
  const outcome = await parts.store.commit(entry.sessionId, commit);
  if (outcome.landed === 'unknown') {
    host.takeBack(entry.agent, entry.sessionId, lease);
    throw new HelixError(
      'state_commit_unknown',
      `it is not known whether the run of session ${entry.sessionId} began`,
      { cause: outcome.cause },
    );
  }
  if (!outcome.landed) return undefined;
  parts.reached?.('entry-commit:after');
  const after = fold(session, asRecord(commit, outcome));
  host.start(entry.agent, after, lease, commit.messages);
  return { runId: after.run?.runId ?? '', made: true };
}

function asRecord(
  { fence: _, ...body }: SessionCommit,
  { version, epoch }: { readonly version: number; readonly epoch: number },
) {
  return { ...body, version, epoch };
}

/**
 * A run whose owner is gone, or that only waits, is ended by the entry that takes its place, in the same commit. From the claim on
 * the run is ours: an entry that does not come about leaves it running here.
 */
async function supersede(
  host: SessionHost,
  parts: HostParts,
  lease: HolderLease,
  entry: Entry,
  check: EntryCheck,
): Promise<Entered | undefined> {
  const claimed = await claimLive(parts, lease, entry.sessionId);
  if (claimed === 'owned') return joinOwned(parts, entry, check);
  if (!claimed) return undefined;
  let session: SessionSnapshot | null = claimed;
  try {
    for (; session?.epoch === claimed.epoch; session = await parts.store.load(entry.sessionId)) {
      const verdict = await check(session);
      if (typeof verdict === 'object') {
        host.start(entry.agent, session, lease);
        return { runId: verdict.join, made: false };
      }
      const ending = await giveUp(
        ownerFor(entry.agent, session, parts, lease),
        session,
        'client_tool_abandoned',
        'interrupt',
      );
      const entered = await begin(host, parts, lease, entry, session, ending);
      if (entered) return entered;
    }
    return undefined;
  } catch (error) {
    if (session) host.start(entry.agent, session, lease);
    throw error;
  }
}

async function claimLive(
  { store, ports }: HostParts,
  { holderId }: HolderLease,
  sessionId: string,
): Promise<SessionSnapshot | 'owned' | null> {
  const token = ports.ids.next('cmt');
  const claim = await store.claim(sessionId, { holderId, runtime: runtimeName, token, resume: true });
  if (claim.claimed) return claim.session;
  return claim.reason === 'owned' || claim.reason === 'other-runtime' ? 'owned' : null;
}

/** The run that somebody owns may be this very entry's: begun since the session was read. */
async function joinOwned({ store }: HostParts, { sessionId }: Entry, check: EntryCheck): Promise<Entered> {
  const session = await store.load(sessionId);
  const verdict = session && (await check(session));
  if (verdict !== null && typeof verdict === 'object') return { runId: verdict.join, made: false };
  throw new AgentAlreadyRunningError(sessionId, session?.run?.runId ?? 'unknown');
}

/** An owner that only writes one commit: it streams nothing and asks no model. */
function ownerFor(agent: Agent, session: SessionSnapshot, { store, llm, ports }: HostParts, lease: HolderLease): Owner {
  return new Owner(session, { agent, store, llm, ports, lease, chunks: silentSink(session.streamSequence) });
}

/**
 * The way a message enters: into a session that rests, as the next turn, or over a run whose owner is gone. A message that made a
 * run before, however long ago, finds it again; null is a message that no one can have sent before.
 */
export function checkMessageEntry({ store }: HostParts, key: string | null): EntryCheck {
  return async (session) => {
    if (!session) return 'begin';
    const made = key === null ? null : await findRun(store, session, { key });
    if (made) return { join: made.runId };
    return isLive(session.run) ? 'supersede' : 'begin';
  };
}

/** A session is continued where it was interrupted or waits; a run that is live already is joined. */
export function checkContinue(session: SessionSnapshot | null): EntryVerdict {
  const run = session?.run;
  if (!run) throw new HelixError('state_session_not_found', 'there is no such session');
  if (run.phase.at !== 'ended') return { join: run.runId };
  if (run.phase.outcome === 'interrupted') return 'begin';
  const hint =
    run.phase.outcome === 'completed' ? 'it is completed; begin a turn with execute' : 'it failed; use retry';
  throw new HelixError('state_not_resumable', `session ${session.sessionId} cannot be resumed: ${hint}`);
}

/** Only a failed run is retried; a retry that is under way is joined. */
export function checkRetry(session: SessionSnapshot | null): EntryVerdict {
  const run = session?.run;
  if (!run) throw new HelixError('state_session_not_found', 'there is no such session');
  if (run.phase.at !== 'ended' && run.entry === 'retry') return { join: run.runId };
  if (run.phase.at !== 'ended') throw new AgentAlreadyRunningError(session.sessionId, run.runId);
  if (run.phase.outcome === 'failed' || run.phase.outcome === 'aborted') return 'begin';
  throw new HelixError('state_not_resumable', `session ${session.sessionId} did not fail: it is ${run.phase.outcome}`);
}

/** Takes up a live session whose owner is gone, or in which something is due. False where nothing had to be done. */
export async function touch(
  host: SessionHost,
  parts: HostParts,
  agent: Agent,
  sessionId: string,
  resume = false,
): Promise<boolean> {
  if (host.drivenHere(sessionId)) return false;
  return host.underLease(async (lease) => {
    const { holderId } = lease;
    const unheard = (error: unknown): never => {
      host.takeBack(agent, sessionId, lease);
      throw error;
    };
    const token = parts.ports.ids.next('cmt');
    const claim = await parts.store.claim(sessionId, { holderId, runtime: runtimeName, token, resume }).catch(unheard);
    if (claim.claimed) host.start(agent, claim.session, lease);
    else if (claim.reason === 'owned') return driveOwn(host, parts, agent, sessionId, lease);
    return claim.claimed;
  });
}

/** A session that is ours although nobody drives it: the reply that would have said so was lost. */
async function driveOwn(
  host: SessionHost,
  { store }: HostParts,
  agent: Agent,
  sessionId: string,
  lease: HolderLease,
): Promise<boolean> {
  const session = await store.load(sessionId);
  const phase = session?.run?.phase;
  if (!session || phase?.at !== 'running' || phase.holderId !== lease.holderId) return false;
  host.start(agent, session, lease);
  return true;
}

/** What lets a run go on that was parked for an operator: the person who resumes it. */
export async function forgive({ store, ports }: HostParts, session: SessionSnapshot): Promise<void> {
  const waitId = operatorWaitId(session);
  if (!session.waits.some((wait) => wait.waitId === waitId)) return;
  const { generation } = session;
  await store.deliver(session.sessionId, {
    kind: 'answer',
    waitId,
    generation,
    answer: { kind: 'continue' },
    at: ports.clock.now(),
  });
}
