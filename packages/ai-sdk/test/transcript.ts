import type { MessageRecord, NewMessage } from '@helix-agents/core';

/** What a tool gave in a step of a turn; both count from 1, turns from 0. */
export type ResultOf = (turn: number, step: number) => string;

/** The records of turns with these many steps: `u0`, then `a0.1` and `t0.1` a step, then `x0`, which is for the model alone. */
export function transcript(turns: readonly number[], resultOf: ResultOf = () => 'x'): MessageRecord[] {
  const records: MessageRecord[] = [];
  const add = (record: Omit<NewMessage, 'v' | 'createdAt'>) =>
    records.push({ v: 1, createdAt: 0, ...record, seq: records.length + 1 });
  for (const [turn, steps] of turns.entries()) {
    const runId = `r${turn}`;
    add({ id: `u${turn}`, role: 'user', parts: [{ type: 'text', text: `question ${turn}` }], runId });
    for (let step = 1; step <= steps; step += 1) {
      const toolCallId = `c${turn}.${step}`;
      const call = { type: 'tool-call', toolCallId, toolName: 'look', input: {} } as const;
      add({ id: `a${turn}.${step}`, role: 'assistant', parts: [{ type: 'text', text: 'x' }, call], runId, step });
      const outcome = { type: 'result', value: resultOf(turn, step) } as const;
      add({
        id: `t${turn}.${step}`,
        role: 'tool',
        parts: [{ type: 'tool-result', toolCallId, toolName: 'look', outcome }],
        runId,
      });
    }
    add({ id: `x${turn}`, role: 'context', parts: [{ type: 'text', text: 'for the model' }], runId });
  }
  return records;
}
