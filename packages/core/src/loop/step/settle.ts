/**
 * Commits what an effect came to, together with every further decision that needs no effect: a reply with the claims of its
 * calls, the results with the end of the run. So a tool step costs two commits and a step without tools one.
 *
 * 1. An effect starts only after the commit that holds it has landed.
 * 2. A commit says for which position of the stream it stands; before a run rests, all of it is there.
 * 3. After `inbox-moved` the same draft is decided anew over what arrived; after a lost fence the owner lets go.
 */
import { andThen } from '../../and-then.ts';
import { fold } from '../../session/fold.ts';
import { isResting } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { decide } from '../decide/decide.ts';
import type { Decision, Fact } from '../decide/decision.ts';
import { lost } from '../owner/cut.ts';
import { asRecord, isEmpty, join, type Draft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';
import { claim, isBuiltIn, isClaimed, settleFinish } from '../tools/dispatch-tools.ts';
import { endRun } from './end-run.ts';
import { foldFacts } from './fold-facts.ts';
import { land, tellStream, type Settled } from './land.ts';
import { parkRun } from './park-run.ts';

/** What is to be done next in the owner's session. */
export function nextDecision(owner: Owner, now = owner.now): Decision {
  return decide(owner.session, owner.parts.agent.policy, now);
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
    const settled = tellStream(owner, made instanceof Promise ? await made : made);
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

/** Whether what was decided with the commit holds after it: nobody wrote since, or bodies were claimed, or the run rests. */
function isDecided({ session }: Owner, { after, next }: Settled): boolean {
  return session === after || next.kind === 'dispatch' || isResting(session);
}
