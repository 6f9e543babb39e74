import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord } from '../../session/call.ts';
import type { InboxEntry } from '../../session/inbox.ts';
import type { NewMessage } from '../../session/message.ts';
import type { OpenStep, SessionSnapshot } from '../../session/snapshot.ts';
import type { WaitRecord } from '../../session/wait.ts';
import type { Json } from '../../values/json.ts';
import type { Fact } from '../decide/decision.ts';
import { isSuperseded } from '../decide/runnable-calls.ts';
import { emptyDraft, join, type Draft } from '../owner/draft.ts';
import { newMessage } from '../owner/messages.ts';
import type { Owner } from '../owner/owner.ts';
import { answerWait, timeOutWait } from './answer-wait.ts';
import { closeStep } from './close-step.ts';
import { giveUp } from './give-up.ts';

type OpenCalls = Extract<OpenStep, { at: 'calls' }>;

const superseded = { at: 'not-executed', reason: 'superseded_by_terminal_call' } as const;

/** Writes down what is true already. `session` may be ahead of the owner: it is what the commit in the making leads to. */
export function foldFacts(owner: Owner, session: SessionSnapshot, facts: readonly Fact[]): Draft | Promise<Draft> {
  const [only, ...others] = facts;
  return only && others.length === 0 ? foldFact(owner, session, only) : foldEach(owner, session, facts);
}

async function foldEach(owner: Owner, session: SessionSnapshot, facts: readonly Fact[]): Promise<Draft> {
  let draft = emptyDraft;
  for (const fact of facts) draft = join(draft, await foldFact(owner, session, fact));
  return draft;
}

function foldFact(owner: Owner, session: SessionSnapshot, fact: Fact): Draft | Promise<Draft> {
  switch (fact.fact) {
    case 'stop':
      return giveUp(owner, session, 'run_stopped', stopKind(entryOf(session, fact.seq)));
    case 'answer':
      return join(answer(session, fact), { head: { consumes: [fact.seq] } });
    case 'timeout':
      return timeOutWait(waitOf(session, fact.waitId), session.children);
    case 'results':
      return session.step?.at === 'calls' ? results(owner, session.step, session.state) : emptyDraft;
    case 'news':
      return join(newsHead(fact), tell(owner, entryOf(session, fact.seq)));
  }
}

/** Who would end the run after another call did so comes too late. */
function results(owner: Owner, step: OpenCalls, state: Json): Draft | Promise<Draft> {
  const isLate = (call: CallRecord) => isSuperseded(call, step.calls);
  if (!step.calls.some(isLate)) return closeStep(owner, step, state);
  const calls = step.calls.map((call) => (isLate(call) ? { ...call, state: superseded } : call));
  return closeStep(owner, { ...step, calls }, state);
}

function answer(session: SessionSnapshot, { seq, waitId }: Extract<Fact, { fact: 'answer' }>): Draft {
  const { item } = entryOf(session, seq);
  if (item.kind !== 'answer') throw new HelixError('framework_internal', `inbox entry ${seq} is no answer`);
  return answerWait(waitOf(session, waitId), item.answer);
}

function newsHead({ seq, verdictStays }: Extract<Fact, { fact: 'news' }>): Draft {
  return { head: { consumes: [seq], ...(verdictStays && { verdictStays }) } };
}

/** A message goes into the transcript; of an answer that nothing waits for the model hears once; a stop of an earlier run is over. */
function tell(owner: Owner, { item }: InboxEntry): Draft {
  if (item.kind === 'message') {
    const message: NewMessage = { ...newMessage(owner, 'user', item.parts), id: item.messageId, createdAt: item.at };
    return { messages: [message] };
  }
  if (item.kind !== 'answer') return emptyDraft;
  const text = `An answer was not used, since nothing waits for it: ${JSON.stringify(item.answer)}`;
  return { messages: [newMessage(owner, 'context', [{ type: 'text', text }])] };
}

function stopKind({ item }: InboxEntry): 'interrupt' | 'abort' {
  return item.kind === 'stop' ? item.stop : 'interrupt';
}

function entryOf(session: SessionSnapshot, seq: number): InboxEntry {
  const entry = session.unread.find((unread) => unread.seq === seq);
  if (!entry) throw new HelixError('framework_internal', `inbox entry ${seq} is not there`);
  return entry;
}

function waitOf(session: SessionSnapshot, waitId: string): WaitRecord {
  const wait = session.waits.find((open) => open.waitId === waitId);
  if (!wait) throw new HelixError('framework_internal', `wait ${waitId} is not open`);
  return wait;
}
