/**
 * Commits what an effect came to, together with every further decision that needs no effect: a reply with the claims of its
 * calls, the results with the end of the run. So a tool step costs two commits and a step without tools one.
 *
 * 1. An effect starts only after the commit that holds it has landed.
 * 2. A commit says for which position of the stream it stands; before a run rests, all of it is there.
 * 3. After `inbox-moved` the same draft is decided anew over what arrived; after a lost fence the owner lets go.
 */
import { andThen } from '../../and-then.ts';
import { isBoundary, type CommitOutcome, type CommitRecord } from '../../session/commit.ts';
import { fold } from '../../session/fold.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { decide } from '../decide/decide.ts';
import type { Decision, Fact } from '../decide/decision.ts';
import type { CommitPurpose } from '../owner/boundaries.ts';
import { lost } from '../owner/cut.ts';
import { asCommit, asRecord, isEmpty, join, type Draft } from '../owner/draft.ts';
import type { ChunkSink } from '../owner/chunk-sink.ts';
import type { Owner } from '../owner/owner.ts';
import { claim, isBuiltIn, isClaimed, settleFinish } from '../tools/dispatch-tools.ts';
import { endRun } from './end-run.ts';
import { foldFacts } from './fold-facts.ts';
import { parkRun } from './park-run.ts';
import { writeCommit } from './write-commit.ts';

/** What is to be done next in the owner's session. */
export function nextDecision(owner: Owner, now = owner.now): Decision {
  return decide(owner.session, owner.parts.agent.policy, now);
}

/** Whether the run rests: it ended, or somebody must act. Its owner lets go. */
export function isResting(session: SessionSnapshot): boolean {
  return session.run?.phase.at !== 'running';
}

/** A commit with everything that follows from it. */
interface Settled {
  /** The session that was decided over: what its inbox holds later was not seen. */
  readonly base: SessionSnapshot;
  readonly draft: Draft;
  readonly record: CommitRecord;
  /** The session once it has landed. */
  readonly after: SessionSnapshot;
  readonly next: Decision;
}

/** Commits what an effect comes to with everything that follows from it. `sent` are calls that its draft claims itself. */
export function settle(owner: Owner, effect: Draft | Promise<Draft>, sent: readonly string[] = []): Promise<Decision> {
  return commit(owner, effect, (draft) => absorb(owner, draft, sent));
}

/** Commits what facts come to, and nothing that follows from it: no body is claimed that would begin only later. */
export function settleFacts(owner: Owner, facts: readonly Fact[]): Promise<Decision> {
  return commit(owner, foldFacts(owner, owner.session, facts), (draft) => alone(owner, draft));
}

/** Commits a draft with what `make` makes of it over the session, and has that made anew where outsiders wrote. */
async function commit(
  owner: Owner,
  effect: Draft | Promise<Draft>,
  make: (draft: Draft) => Settled | Promise<Settled>,
): Promise<Decision> {
  const draft = await effect;
  for (;;) {
    if (owner.isBehind) await owner.reload();
    const before = owner.parts.chunks.sequence;
    const made = make(draft);
    const settled = stream(owner, made instanceof Promise ? await made : made);
    if (isEmpty(settled.draft)) return settled.next;
    const outcome = await land(owner, settled);
    if (outcome.landed === true) return isDecided(owner, settled) ? settled.next : nextDecision(owner);
    if (outcome.landed === 'unknown' || outcome.reason !== 'inbox-moved') throw lost(owner.session.sessionId);
    if (owner.parts.chunks.sequence > before) owner.stream.write({ type: 'rewound', toSequence: before });
    await owner.reload();
  }
}

function alone(owner: Owner, draft: Draft): Settled {
  const { session: base, now: at } = owner;
  const record = asRecord(base, draft, owner.parts.ports.ids.next('cmt'), at);
  const after = fold(base, record);
  return { base, draft, record, after, next: decide(after, owner.parts.agent.policy, at) };
}

/** Joins to a draft each decision that needs no effect, and the claim of the one that does. */
function absorb(owner: Owner, first: Draft, sent: readonly string[]): Settled | Promise<Settled> {
  const base = owner.session;
  const token = owner.parts.ports.ids.next('cmt');
  const at = owner.now;
  const goOn = (draft: Draft): Settled | Promise<Settled> => {
    const record = asRecord(base, draft, token, at);
    const after = isEmpty(draft) ? base : fold(base, record);
    const next: Decision =
      sent.length > 0 ? { kind: 'dispatch', tools: sent, children: [] } : decide(after, owner.parts.agent.policy, at);
    return andThen(isResting(after) ? undefined : follow(owner, after, next), (more) => {
      if (!more) return { base, draft, record, after, next };
      const joined = join(draft, more);
      if (next.kind !== 'dispatch' || isBuiltIn(after, next.tools)) return goOn(joined);
      const claimed = asRecord(base, joined, token, at);
      return { base, draft: joined, record: claimed, after: fold(base, claimed), next };
    });
  };
  return goOn(first);
}

/** What a decision adds to the commit in the making; nothing where it needs an effect first. */
function follow(owner: Owner, after: SessionSnapshot, next: Decision): Draft | undefined | Promise<Draft> {
  switch (next.kind) {
    case 'fold':
      return foldFacts(owner, after, next.facts);
    case 'end':
      return endRun(owner, after, next);
    case 'park':
      return next.on.length > 0 ? parkRun(owner, after, next.on) : undefined;
    case 'dispatch':
      if (isBuiltIn(after, next.tools)) return settleFinish(owner, after, next.tools);
      // Who closes leaves them to the next owner: a call that is claimed, and whose body does not begin, could have done anything.
      return owner.parts.lease.isEnding || isClaimed(after, next.tools) ? undefined : claim(after, next.tools);
    default:
      return undefined;
  }
}

/**
 * The commit says for which position of the stream it stands. A failed attempt stands for nothing but what hooks made of the state:
 * what it streamed is withdrawn here, and again by the next owner, should this be lost.
 */
function stream(owner: Owner, settled: Settled): Settled {
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
async function land(owner: Owner, settled: Settled): Promise<CommitOutcome> {
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

/** Whether what was decided with the commit holds after it: nobody wrote since, or bodies were claimed, or the run rests. */
function isDecided({ session }: Owner, { after, next }: Settled): boolean {
  return session === after || next.kind === 'dispatch' || isResting(session);
}
