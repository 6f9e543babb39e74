import { HelixError } from '../../errors/helix-error.ts';
import type { CommitOutcome, SessionCommit } from '../../session/commit.ts';
import { fold } from '../../session/fold.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { HostParts, SessionHost } from '../drive/session-host.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import { commitSpan } from '../owner/commit-span.ts';
import type { Draft } from '../owner/draft.ts';
import type { Entry } from './entry.ts';
import { planEntry } from './plan-entry.ts';

/** Commits the entry over the session as it was read, and drives its run. Null where the session changed meanwhile. */
export async function beginRun(
  host: SessionHost,
  lease: HolderLease,
  entry: Entry,
  session: SessionSnapshot | null,
  ending?: Draft,
): Promise<string | null> {
  const { runtime, parts } = host;
  const { agent, sessionId } = entry;
  const commit = await planEntry(session, { ...entry, runtime, holderId: lease.holderId }, parts.ports, ending);
  const write = async () => {
    parts.reached?.('entry-commit:before');
    const outcome = await commitUnderSpan(parts, sessionId, commit);
    if (outcome.landed === 'unknown') throw unknownOutcome(sessionId, outcome.cause);
    if (!outcome.landed) return null;
    parts.reached?.('entry-commit:after');
    host.drive(agent, fold(session, asRecord(commit, outcome)), lease, commit.messages ?? []);
    return commit.run.runId;
  };
  return host.asking(agent, sessionId, lease, write, isRefused);
}

async function commitUnderSpan(
  { store, ports }: HostParts,
  sessionId: string,
  commit: SessionCommit,
): Promise<CommitOutcome> {
  const span = commitSpan(ports, sessionId, 'entry');
  try {
    const outcome = await store.commit(sessionId, commit);
    span.end(outcome.landed === 'unknown' ? outcome.cause : undefined);
    return outcome;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** Data that no store takes land at no time. */
function isRefused(error: unknown): boolean {
  return HelixError.is(error) && error.category === 'input';
}

function unknownOutcome(sessionId: string, cause: unknown): HelixError {
  return new HelixError('state_commit_unknown', `it is not known whether the run of session ${sessionId} began`, {
    cause,
  });
}

function asRecord(
  { fence: _, ...body }: SessionCommit,
  { version, epoch }: { readonly version: number; readonly epoch: number },
) {
  return { ...body, version, epoch };
}
