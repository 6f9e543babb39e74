import { isFinal, type CallRecord } from '../session/call.ts';

/** The calls that may be sent now: side by side first, then one that runs alone, then the one that ends the run. */
export function runnableCalls(calls: readonly CallRecord[], sequential: boolean): readonly CallRecord[] {
  const ready = calls.filter(({ state, gate }) => state.at === 'planned' && gate.at === 'open');
  const others = ready.filter(({ kind }) => kind !== 'finish');
  const together = sequential ? [] : others.filter((call) => !call.sequential);
  if (together.length > 0) return together;
  if (others.length > 0) return others.slice(0, 1);
  const mayFinish = calls.every(({ kind, state }) => kind === 'finish' || isFinal(state));
  return mayFinish ? ready.slice(0, 1) : [];
}
