import type { Agent } from '../../agent/agent.ts';
import type { StreamManager } from '../../contracts/stream-manager.ts';
import { messageOf } from '../../errors/message-of.ts';
import { isResting } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { streamIdOf } from '../../session/stream-id.ts';
import type { Decision } from '../decide/decision.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import { isLeaseLost } from '../owner/cut.ts';
import { Owner } from '../owner/owner.ts';
import { advance } from '../step/advance.ts';
import { failRun } from '../step/fail-run.ts';
import { nextDecision } from '../step/settle.ts';
import type { Drive } from './drive-while-held.ts';
import { fillState } from './fill-state.ts';
import { InboxWatch } from './inbox-watch.ts';
import { LeaseWatch } from './lease-watch.ts';
import { openChunkSink } from '../sink/open-chunk-sink.ts';
import { removeLateStream } from '../sink/remove-late-stream.ts';
import type { DriveStart, HostParts } from './session-host.ts';

/** What sessions are driven with. */
export interface DriveParts extends HostParts {
  readonly streams: Pick<StreamManager, 'limits' | 'openWriter' | 'poke' | 'deleteStream'>;
  /** Performs one decision and answers the next one. Default: {@link advance}. */
  readonly perform?: (owner: Owner, decision: Decision) => Promise<Decision>;
}

/** Drives a session in this process, as its owner, until it rests or is lost. */
export async function driveSession(
  parts: DriveParts,
  agent: Agent,
  session: SessionSnapshot,
  lease: HolderLease,
  { entered, unended: before }: DriveStart,
): Promise<Drive> {
  const { store, llm, ports, streams, reached, perform = advance } = parts;
  const { sessionId } = session;
  const inbox = new InboxWatch(store.signals, sessionId, ports.clock);
  const chunks = await openChunkSink(parts, session, lease);
  const owner = new Owner(session, { agent, store, llm, ports, lease, chunks, reached });
  if (entered) owner.transcript.append(session.messageCount - entered.length, entered);
  const watch = new LeaseWatch(owner, lease);
  inbox.tell(owner);
  let unended: unknown;
  try {
    owner.stream.withdraw();
    if (before === undefined) await run(owner, watch, perform, entered ? nextDecision(owner) : await fillState(owner));
    else unended = await end(owner, before);
  } catch (error) {
    unended = await giveUp(owner, error, lease);
  } finally {
    inbox.stop();
    watch.stop();
    await chunks.close();
    if (!isResting(owner.session)) await removeLateStream(parts, session);
    streams.poke(streamIdOf(session));
  }
  return { left: owner.session, unended };
}

async function run(
  owner: Owner,
  watch: LeaseWatch,
  perform: NonNullable<DriveParts['perform']>,
  first: Decision,
): Promise<void> {
  for (let next = first; !isResting(owner.session);) {
    watch.begin(next);
    next = await perform(owner, next);
  }
}

/** A lost session is, or will be, another owner's. Anything else ends the run. */
async function giveUp(owner: Owner, error: unknown, { ending }: HolderLease): Promise<unknown> {
  if (!isLeaseLost(error)) return end(owner, error);
  const why = ending.aborted ? messageOf(ending.reason) : 'it has another owner, or was deleted';
  const { sessionId } = owner.session;
  owner.parts.ports.logger.log('info', `the session was let go: ${why}`, { sessionId });
  return undefined;
}

/** Answers the error where the end could not be written. Other sessions keep the lease: that is no fault of theirs. */
async function end(owner: Owner, failedBy: unknown): Promise<unknown> {
  try {
    await failRun(owner, failedBy);
    return undefined;
  } catch (error) {
    const { sessionId } = owner.session;
    owner.parts.ports.logger.log('error', 'the end of the run could not be written', { sessionId, error, failedBy });
    return isLeaseLost(error) ? undefined : failedBy;
  }
}
