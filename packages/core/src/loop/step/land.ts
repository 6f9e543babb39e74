import { isBoundary, type CommitOutcome, type CommitRecord } from '../../session/commit.ts';
import { isResting } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { Decision } from '../decide/decision.ts';
import type { CommitPurpose } from '../owner/boundaries.ts';
import type { ChunkSink } from '../owner/chunk-sink.ts';
import { asCommit, isEmpty, type Draft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';
import { writeCommit } from './write-commit.ts';

/** A commit with everything that follows from it. */
export interface Settled {
  /** The session that was decided over: what its inbox holds later was not seen. */
  readonly base: SessionSnapshot;
  readonly draft: Draft;
  readonly record: CommitRecord;
  /** The session once it has landed. */
  readonly after: SessionSnapshot;
  readonly next: Decision;
}

/**
 * Tells the stream what a commit stands for, and the commit for which position of that. A failed attempt stands for nothing but what
 * hooks made of the state: what it streamed is withdrawn here, and again by the next owner, should this be lost.
 */
export function tellStream(owner: Owner, settled: Settled): Settled {
  const { draft, record } = settled;
  if (isEmpty(draft)) return settled;
  const failed = record.head?.step?.op === 'failed';
  if (failed) owner.stream.withdraw();
  if (failed && record.run?.op !== 'end' && !draft.chunks) return settled;
  for (const chunk of draft.chunks ?? []) owner.stream.write(chunk);
  return standing(settled, owner.parts.chunks);
}

/** With the position of the stream for which the commit stands. */
function standing(settled: Settled, { sequence: streamSequence, sure = streamSequence }: ChunkSink): Settled {
  const { record, after } = settled;
  const streamSure = sure < streamSequence ? sure : undefined;
  // Named only where it is something, or was: nearly all records have no such thing.
  const isNamed = streamSure !== undefined || record.head?.streamSure !== undefined;
  return {
    ...settled,
    record: { ...record, head: { ...record.head, streamSequence, ...(isNamed && { streamSure }) } },
    after: { ...after, streamSequence, streamSure },
  };
}

/**
 * Commits, and takes the owner to what it led to. Each step must come where it stands:
 *
 * 1. Where nobody could mend the stream later, it is whole before anything is committed. Nor does an owner leave it at that which may
 *    have lost its lease, and with it the stream.
 * 2. Then the stream says where it stands, which the commit will say as well: it may have opened only while it was waited for.
 * 3. The lease is asked last: what a lost owner found is written by nobody. And what it took back may not be in the stream; nobody
 *    would take it back again.
 * 4. The commit leaves before the chunks do: what the stream costs is spent while the commit is on its way.
 * 5. The owner stands where the commit led before others hear of it.
 */
export async function land(owner: Owner, settled: Settled): Promise<CommitOutcome> {
  const { chunks } = owner.parts;
  if (isResting(settled.after) || owner.stream.isWithdrawing) {
    await untilWhole(owner);
    await owner.untilSafe();
  }
  const { base, draft, record, after } = asItStands(owner, settled);
  owner.stream.noteFlushed();
  owner.cut();
  chunks.stands(after.streamSequence);
  owner.land();
  const landing = writeCommit(owner, asCommit(base, record, isBoundary(record)), purposeOf(draft));
  const flushing = chunks.flush();
  const outcome = await landing;
  if (!chunks.flushed) await flushing;
  if (outcome.landed !== true) return outcome;
  owner.moveTo(after, draft.messages);
  if (outcome.inbox > after.inbox) await owner.reload();
  for (const tell of draft.afterwards ?? []) await tell();
  return outcome;
}

/** A stream that opened only now may stand further than its owner thought: a former one left something behind the record. */
function asItStands({ parts: { chunks } }: Owner, settled: Settled): Settled {
  const { streamSequence = Infinity, streamSure } = settled.record.head ?? {};
  const isSureNow = streamSure !== undefined && chunks.sure === undefined;
  return isSureNow || (chunks.flushed && chunks.sequence > streamSequence) ? standing(settled, chunks) : settled;
}

/** How often a slow stream is waited for with what was taken back: readers who stand at the end see it until then. */
const withdrawalWaits = 10;

/**
 * Waits until everything that was streamed is in the stream, or that was given up. Once the run rests, the next owner may shut this
 * one's writer out. And what was taken back must be there before any commit stands behind it: were that lost, no later owner would
 * know what to take back.
 */
async function untilWhole(owner: Owner): Promise<void> {
  const { chunks } = owner.parts;
  for (let waits = owner.stream.isWithdrawing ? withdrawalWaits : 1; waits > 0; waits -= 1) {
    await chunks.flush();
    // Lost meanwhile, it was shut out of its stream as well.
    owner.cut();
    if (chunks.flushed) return;
  }
}

function purposeOf({ run, head }: Draft): CommitPurpose {
  if (run?.op === 'end') return 'end';
  if (head?.step?.op === 'reply') return 'reply';
  if (head?.step?.op === 'failed') return 'failure';
  return head?.step?.op === 'close' ? 'results' : 'claim';
}
