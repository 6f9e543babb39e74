import {
  findRun,
  fold,
  giveUp,
  HelixError,
  isLive,
  planEntry,
  type Agent,
  type Draft,
  type EntryRequest,
  type SessionSnapshot,
  type HolderLease,
} from '@helix-agents/core';
import { runtimeName, silentSink, type OwnerProcess } from './owner-process.ts';

const maxTries = 8;

/** What somebody asks of a session. */
export type Entry = Pick<EntryRequest, 'entry' | 'sessionId' | 'message'>;

type Verdict = 'begin' | 'supersede' | 'join';

/** Begins a run, joins the one that is there, or rejects as the entries of every runtime do. */
export async function enter(process: OwnerProcess, agent: Agent, entry: Entry): Promise<void> {
  await process.underLease(async (lease) => {
    for (let tries = 0; tries < maxTries; tries += 1) if (await tryEnter(process, agent, lease, entry)) return;
    throw new HelixError('state_concurrency_conflict', 'the session kept changing');
  });
  if (entry.entry === 'resume') await touch(process, entry.sessionId, true);
}

/** Takes up a live session whose owner is gone, or in which something is due. */
async function touch(process: OwnerProcess, sessionId: string, resume = false): Promise<void> {
  if (process.isDriving(sessionId)) return;
  await process.underLease(async (lease) => {
    const { holderId } = lease;
    const token = process.ports.ids.next('cmt');
    const claim = await process.store.claim(sessionId, { holderId, runtime: runtimeName, token, resume });
    if (claim.claimed) process.start(claim.session, lease);
  });
}

async function tryEnter(process: OwnerProcess, agent: Agent, lease: HolderLease, entry: Entry): Promise<boolean> {
  const session = await process.store.load(entry.sessionId);
  const verdict = judge(session, entry, await madeBefore(process, session, entry));
  if (verdict === 'join') return true;
  return verdict === 'begin' || !session
    ? begin(process, agent, lease, entry, session)
    : supersede(process, agent, lease, entry);
}

/** Whether the message made a run before, however long ago. */
async function madeBefore(
  { store }: OwnerProcess,
  session: SessionSnapshot | null,
  { message }: Entry,
): Promise<boolean> {
  return session !== null && message !== undefined && (await findRun(store, session, { key: message.id })) !== null;
}

function judge(session: SessionSnapshot | null, { entry, message }: Entry, made: boolean): Verdict {
  const run = session?.run ?? null;
  if (message) {
    if (made) return 'join';
    return isLive(run) ? 'supersede' : 'begin';
  }
  if (!run) throw new HelixError('state_session_not_found', 'there is no such session');
  if (run.phase.at !== 'ended') {
    if (entry === 'resume' || run.entry === 'retry') return 'join';
    throw new HelixError('state_already_running', 'the session is running');
  }
  const { outcome } = run.phase;
  const fits = entry === 'resume' ? outcome === 'interrupted' : outcome === 'failed' || outcome === 'aborted';
  if (!fits) throw new HelixError('state_not_resumable', `the session is ${outcome}`);
  return 'begin';
}

async function begin(
  process: OwnerProcess,
  agent: Agent,
  lease: HolderLease,
  entry: Entry,
  session: SessionSnapshot | null,
  ending?: Draft,
): Promise<boolean> {
  const request = { ...entry, agent, runtime: runtimeName, holderId: lease.holderId };
  const commit = await planEntry(session, request, process.ports, ending);
  const outcome = await process.store.commit(entry.sessionId, commit);
  if (outcome.landed === 'unknown')
    throw new HelixError('state_commit_unknown', 'it is not known whether the run began');
  if (!outcome.landed) return false;
  const { fence: _, ...body } = commit;
  const after = fold(session, { ...body, version: outcome.version, epoch: outcome.epoch });
  process.start(after, lease);
  return true;
}

async function supersede(process: OwnerProcess, agent: Agent, lease: HolderLease, entry: Entry): Promise<boolean> {
  const { holderId } = lease;
  const token = process.ports.ids.next('cmt');
  const claim = await process.store.claim(entry.sessionId, { holderId, runtime: runtimeName, token, resume: true });
  if (!claim.claimed) {
    if (claim.reason !== 'owned') return false;
    throw new HelixError('state_already_running', 'the session is running');
  }
  // Another one may have begun this very turn since the session was read.
  if (judge(claim.session, entry, await madeBefore(process, claim.session, entry)) === 'join') {
    process.start(claim.session, lease);
    return true;
  }
  const owner = process.owner(claim.session, lease, silentSink(claim.session.streamSequence));
  const ending = await giveUp(owner, claim.session, 'client_tool_abandoned', 'interrupt');
  return begin(process, agent, lease, entry, claim.session, ending);
}
