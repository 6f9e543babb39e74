import type { Json } from '../../json.ts';
import type { CallRecord } from '../../session/call.ts';
import { mergeWrites, type StateReducers } from '../../state/merge-writes.ts';
import { applyPatch, type PatchOperation } from '../../state/patch.ts';

/**
 * The one patch that the writes of settled calls come to. Calls that were sent together built on the same state; calls that were
 * sent later built on what the earlier ones made of it.
 */
export function writesOf(calls: readonly CallRecord[], base: Json, reducers: StateReducers): readonly PatchOperation[] {
  const writers = calls.flatMap(({ state }) => (state.at === 'settled' && state.patch?.length ? [state] : []));
  if (writers.length < 2) return writers[0]?.patch ?? [];
  const waves = Map.groupBy(writers, ({ after = 0 }) => after);
  const merged: PatchOperation[] = [];
  let soFar = base;
  for (const [, wave] of [...waves].toSorted(([a], [b]) => a - b)) {
    const writes = wave.map(({ patch = [] }) => patch);
    const operations = mergeWrites(soFar, writes, reducers);
    soFar = applyPatch(soFar, operations);
    merged.push(...operations);
  }
  return merged;
}

/** The state that a call sent now builds on. */
export function stateForCalls(calls: readonly CallRecord[], base: Json, reducers: StateReducers): Json {
  return applyPatch(base, writesOf(calls, base, reducers));
}
