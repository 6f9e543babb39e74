import { isFinal, type CallRecord } from '../../session/call.ts';

/**
 * The calls that may be sent now. In the order of the reply: those side by side, up to one that runs alone; that one, when all before
 * it are over; what comes behind it, when it is over, too. What ends the run comes last.
 */
export function runnableCalls(calls: readonly CallRecord[], sequential: boolean): readonly CallRecord[] {
  if (calls.length === 0) return calls;
  const open = calls.filter(({ kind, state }) => kind !== 'finish' && !isFinal(state));
  if (open.length > 0) return firstWave(open, sequential).filter(isReady);
  return calls.filter((call) => isReady(call) && !isSuperseded(call, calls)).slice(0, 1);
}

function firstWave(open: readonly CallRecord[], sequential: boolean): readonly CallRecord[] {
  const alone = open.findIndex((call) => sequential || call.sequential);
  return alone === -1 ? open : open.slice(0, Math.max(1, alone));
}

/** Whether there are calls, and nothing is to be done for any of them. */
export function areOver(calls: readonly CallRecord[]): boolean {
  return calls.length > 0 && calls.every((call) => isFinal(call.state) || isSuperseded(call, calls));
}

/** Whether the call would end a run that another call of the step ended already: it is not sent any more. */
export function isSuperseded(call: CallRecord, calls: readonly CallRecord[]): boolean {
  return isReady(call) && call.kind === 'finish' && calls.some(({ state }) => state.at === 'settled' && state.finishes);
}

function isReady({ state, gate }: CallRecord): boolean {
  return state.at === 'planned' && gate.at === 'open';
}
