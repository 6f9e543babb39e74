import { isFinal, type CallRecord } from '../session/call.ts';

/** The calls that may be sent now: side by side first, then one that runs alone, then the one that ends the run. */
export function runnableCalls(calls: readonly CallRecord[], sequential: boolean): readonly CallRecord[] {
  const ready = calls.filter((call) => isReady(call) && !isSuperseded(call, calls));
  const others = ready.filter(({ kind }) => kind !== 'finish');
  const together = sequential ? [] : others.filter((call) => !call.sequential);
  if (together.length > 0) return together;
  if (others.length > 0) return others.slice(0, 1);
  const mayFinish = calls.every(({ kind, state }) => kind === 'finish' || isFinal(state));
  return mayFinish ? ready.slice(0, 1) : [];
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
