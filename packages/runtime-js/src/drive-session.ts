import {
  advance,
  failRun,
  isLeaseLost,
  isResting,
  nextDecision,
  Owner,
  type Agent,
  type Drive,
  type DriveStart,
  type HolderLease,
  type SessionSnapshot,
} from '@helix-agents/core';
import { openChunkSink } from './chunk-sink.ts';
import { InboxWatch } from './inbox-watch.ts';
import type { HostParts } from './host-parts.ts';

/** Drives a session in this process, as its owner, until it rests or is lost. */
export async function driveSession(
  parts: HostParts,
  agent: Agent,
  session: SessionSnapshot,
  lease: HolderLease,
  { entered, unended: before }: DriveStart,
): Promise<Drive> {
  const { store, llm, ports, streams, reached } = parts;
  const { sessionId } = session;
  const inbox = new InboxWatch(store.signals, sessionId, ports.clock);
  const chunks = await openChunkSink(streams, session, ports, lease);
  const owner = new Owner(session, { agent, store, llm, ports, lease, chunks, ...(reached && { reached }) });
  owner.transcript.append(session.messageCount - entered.length, entered);
  const lose = () => owner.lose();
  lease.lost.addEventListener('abort', lose);
  // It may have been lost while the stream was opened.
  if (lease.lost.aborted) lose();
  inbox.tell(owner);
  let unended: unknown;
  try {
    owner.withdraw();
    if (before === undefined) await run(owner);
    else unended = await end(owner, before);
  } catch (error) {
    unended = await giveUp(owner, error);
  } finally {
    inbox.stop();
    lease.lost.removeEventListener('abort', lose);
    await chunks.close();
    streams.poke(sessionId);
  }
  return { left: owner.session, unended };
}

async function run(owner: Owner): Promise<void> {
  let next = nextDecision(owner);
  while (!isResting(owner.session)) next = await advance(owner, next);
}

/** A lost session is another owner's. Anything else ends the run. */
async function giveUp(owner: Owner, error: unknown): Promise<unknown> {
  const { logger } = owner.parts.ports;
  const { sessionId } = owner.session;
  if (isLeaseLost(error)) {
    logger.log('info', 'the session has another owner', { sessionId });
    return undefined;
  }
  logger.log('error', 'the run cannot go on', { sessionId, error });
  return end(owner, error);
}

/** Answers the error where the end could not be written. Other sessions keep the lease: that is no fault of theirs. */
async function end(owner: Owner, error: unknown): Promise<unknown> {
  try {
    await failRun(owner, error);
    return undefined;
  } catch (second) {
    if (isLeaseLost(second)) return undefined;
    const { sessionId } = owner.session;
    owner.parts.ports.logger.log('error', 'the end of the run could not be written', { sessionId, error: second });
    return error;
  }
}
