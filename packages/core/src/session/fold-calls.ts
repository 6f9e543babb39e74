import { isFinal, mayMove, type CallChange, type CallRecord } from './call.ts';
import type { CommitRecord } from './commit.ts';

/** The calls of the open step after changes; a row that moved on already stays as it is. */
export function changeCalls(calls: readonly CallRecord[], changes: readonly CallChange[]): CallRecord[] {
  return calls.map((call) => {
    let changed = call;
    for (const change of changes) if (change.callId === call.callId) changed = changeCall(changed, change);
    return changed;
  });
}

function changeCall(call: CallRecord, { gate, state, usage }: CallChange): CallRecord {
  const opened = gate ? { ...call, gate } : call;
  if (!state || !mayMove(call.state, state)) return opened;
  const attempts = state.at === 'sent' ? state.attempt : call.attempts;
  return { ...opened, state, attempts, ...(usage && { usage }) };
}

/** A commit that says how a call ended holds what its body used, also of a call that was written by itself before. */
export function withoutDebt(call: CallRecord, { calls }: CommitRecord): CallRecord {
  if (!call.usage || !calls?.some(({ callId, state }) => callId === call.callId && state && isFinal(state)))
    return call;
  const { usage: _, ...rest } = call;
  return rest;
}
