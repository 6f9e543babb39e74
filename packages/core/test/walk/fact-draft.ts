import type { Fact } from '../../src/loop/decide/decision.ts';
import { join, type Draft } from '../../src/loop/owner/draft.ts';
import { answerWait, timeOutWait } from '../../src/loop/step/answer-wait.ts';
import type { NewMessage } from '../../src/session/message.ts';
import type { SessionSnapshot } from '../../src/session/snapshot.ts';
import type { Picks } from './picks.ts';
import { verdictOf } from './verdict.ts';

/** What a user says, whatever it is. */
export const userMessage: NewMessage = {
  v: 1,
  id: 'm',
  role: 'user',
  parts: [{ type: 'text', text: 'Hi' }],
  runId: 'r',
  createdAt: 0,
};

/** What writing a fact down changes. */
export function factDraft(
  { waits, unread, children, step }: SessionSnapshot,
  fact: Fact,
  now: number,
  picks: Picks,
): Draft {
  const wait = 'waitId' in fact ? waits.find(({ waitId }) => waitId === fact.waitId) : undefined;
  const item = 'seq' in fact ? unread.find(({ seq }) => seq === fact.seq)?.item : undefined;
  if (fact.fact === 'results')
    return { head: { step: { op: 'close', verdict: verdictOf(picks) }, ...writesAt(now, picks) } };
  if (fact.fact === 'timeout' && wait) return timeOutWait(wait, children);
  if (fact.fact === 'answer' && wait && item?.kind === 'answer')
    return join(answerWait(wait, item.answer), { head: { consumes: [fact.seq] } });
  if (fact.fact === 'news') {
    const head = { consumes: [fact.seq], ...(fact.verdictStays && { verdictStays: true as const }) };
    return { head, ...(item?.kind === 'message' && { messages: [userMessage] }) };
  }
  return {
    ...(step?.at === 'calls' && { head: { step: { op: 'close', verdict: { is: 'continue' } } } }),
    waits: waits.map(({ waitId }) => ({ op: 'close', waitId, how: 'superseded' })),
    children: children.map(({ delegationId }) => ({ op: 'remove', delegationId, how: 'detached' })),
  };
}

function writesAt(now: number, picks: Picks): Draft['head'] {
  return picks.pick(2) === 0 ? {} : { state: [{ op: 'add', path: '/at', value: now }] };
}
