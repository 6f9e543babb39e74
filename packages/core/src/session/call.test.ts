// Would catch: a ledger row that goes back, so that an effect happens twice (S4).
import { describe, expect, it } from 'vitest';
import { isFinal, mayMove, type CallState } from './call.ts';

const planned: CallState = { at: 'planned' };
const sent = (attempt: number, epoch: number): CallState => ({ at: 'sent', attempt, epoch });
const finals: CallState[] = [
  { at: 'settled', result: 1 },
  { at: 'failed', error: { message: 'm', code: 'tool_failed', category: 'tool', retryable: false } },
  { at: 'not-executed', reason: 'denied' },
  { at: 'unknown', note: 'n' },
];

describe('a ledger row', () => {
  it.each(finals)('may come to $at, planned or sent, and then moves no more', (state) => {
    expect(isFinal(state)).toBe(true);
    expect(mayMove(planned, state)).toBe(true);
    expect(mayMove(sent(1, 1), state)).toBe(true);
    for (const to of [planned, sent(9, 9), ...finals]) expect(mayMove(state, to)).toBe(false);
  });

  it.each<[CallState, CallState, boolean]>([
    [planned, sent(1, 1), true],
    [planned, planned, false],
    [sent(1, 1), planned, false],
    [sent(1, 1), sent(1, 1), false],
    [sent(1, 1), sent(1, 2), false],
    [sent(1, 1), sent(2, 1), true],
    [sent(1, 1), sent(2, 2), true],
    [sent(1, 2), sent(2, 1), false],
    [sent(2, 1), sent(1, 2), false],
  ])('from %j to %j: %s', (from, to, allowed) => {
    expect(isFinal(from)).toBe(false);
    expect(mayMove(from, to)).toBe(allowed);
  });
});
