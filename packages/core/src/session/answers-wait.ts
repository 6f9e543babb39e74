import type { InboxItem } from './inbox.ts';
import type { WaitAnswer, WaitKind, WaitRecord } from './wait.ts';

/** What each kind of wait takes for an answer. A timer takes none: only its time ends it. */
const answerKinds: Readonly<Record<WaitKind, readonly WaitAnswer['kind'][]>> = {
  approval: ['approval-response'],
  'client-tool': ['client-tool-result', 'client-tool-error'],
  child: ['child-outcome'],
  timer: [],
  input: ['input'],
  budget: ['budget'],
  operator: ['continue'],
};

/**
 * Whether an item answers a wait. It binds to the id and the kind of the wait, to the generation, and to what its giver saw of it: an
 * approval to the arguments, an outcome to the delegation. What answers no wait is news, as an answer that comes too late.
 */
export function answersWait(item: InboxItem, wait: WaitRecord, generation: number): boolean {
  if (item.kind !== 'answer' || item.waitId !== wait.waitId || item.generation !== generation) return false;
  return answerKinds[wait.kind].includes(item.answer.kind) && isAboutIt(item.answer, wait);
}

function isAboutIt(answer: WaitAnswer, { argumentsHash, delegationId }: WaitRecord): boolean {
  if (answer.kind === 'approval-response') return argumentsHash === undefined || answer.argumentsHash === argumentsHash;
  return answer.kind !== 'child-outcome' || answer.delegationId === delegationId;
}
