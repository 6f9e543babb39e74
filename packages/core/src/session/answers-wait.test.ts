// Would catch: an answer that is taken for that of another wait: a grant of tokens that approves a call.
import { expect, it } from 'vitest';
import { answersWait } from './answers-wait.ts';
import type { WaitAnswer, WaitKind, WaitRecord } from './wait.ts';

const answers: readonly WaitAnswer[] = [
  { kind: 'approval-response', approved: true, argumentsHash: 'seen' },
  { kind: 'client-tool-result', result: null },
  { kind: 'client-tool-error', message: 'no' },
  { kind: 'child-outcome', delegationId: 'd', result: { status: 'completed', output: null } },
  { kind: 'input', value: null },
  { kind: 'budget', extraTokens: 1 },
  { kind: 'continue' },
];

function wait(kind: WaitKind, parts: Partial<WaitRecord> = {}): WaitRecord {
  return { v: 1, waitId: 'w', kind, generation: 0, runId: 'r', delegationId: 'd', ...parts };
}

function fits(answer: WaitAnswer | undefined, to: WaitRecord): boolean {
  return answer !== undefined && answersWait({ kind: 'answer', waitId: 'w', generation: 0, answer, at: 1 }, to, 0);
}

it.each<[WaitKind, WaitAnswer['kind'][]]>([
  ['approval', ['approval-response']],
  ['client-tool', ['client-tool-result', 'client-tool-error']],
  ['child', ['child-outcome']],
  ['timer', []],
  ['input', ['input']],
  ['budget', ['budget']],
  ['operator', ['continue']],
])('a wait of kind %s is answered by %s and by nothing else', (kind, expected) => {
  expect(answers.filter((answer) => fits(answer, wait(kind))).map((answer) => answer.kind)).toEqual(expected);
});

it('an approval is one of the arguments that its giver saw', () => {
  expect(fits(answers[0], wait('approval', { argumentsHash: 'seen' }))).toBe(true);
  expect(fits(answers[0], wait('approval', { argumentsHash: 'changed' }))).toBe(false);
});

it('an outcome is one of the child that the call waits for', () => {
  expect(fits(answers[3], wait('child', { delegationId: 'another' }))).toBe(false);
});

it('an answer is one to a wait of its id and its generation', () => {
  const item = { kind: 'answer', waitId: 'w', generation: 0, answer: { kind: 'continue' }, at: 1 } as const;
  expect(answersWait(item, wait('operator', { waitId: 'v' }), 0)).toBe(false);
  expect(answersWait(item, wait('operator'), 1)).toBe(false);
  expect(answersWait({ kind: 'stop', runId: 'r', stop: 'abort', at: 1 }, wait('operator'), 0)).toBe(false);
});
