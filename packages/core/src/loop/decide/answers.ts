import { answersWait } from '../../session/answers-wait.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { Fact } from './decision.ts';

type AnswerFact = Extract<Fact, { fact: 'answer' }>;
type TimeoutFact = Extract<Fact, { fact: 'timeout' }>;

/** Asked at every decision, and nearly always the answer: it costs no memory. */
const none: readonly never[] = [];

/** The unread answers that close an open wait of this generation: the first to each; whatever else was answered is news. */
export function answersToOpenWaits({ unread, waits, generation }: SessionSnapshot): readonly AnswerFact[] {
  if (unread.length === 0) return none;
  const open = new Set(waits);
  return unread.flatMap(({ seq, item }): AnswerFact[] => {
    const wait = waits.find((one) => open.has(one) && answersWait(item, one, generation));
    return wait && open.delete(wait) ? [{ fact: 'answer', seq, waitId: wait.waitId }] : [];
  });
}

/** The open waits that ran out, and that nobody answered before. */
export function unansweredTimeouts(session: SessionSnapshot, now: number): readonly TimeoutFact[] {
  if (session.waits.length === 0) return none;
  const answered = new Set(answersToOpenWaits(session).map(({ waitId }) => waitId));
  const expired = session.waits.filter(({ deadline }) => deadline !== undefined && deadline <= now);
  return expired.flatMap(({ waitId }) => (answered.has(waitId) ? [] : [{ fact: 'timeout', waitId }]));
}
