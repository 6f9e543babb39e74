import type { Json } from '../../json.ts';
import type { CallRecord } from '../../session/call.ts';
import { mergeWrites, type StateReducers } from '../../state/merge-writes.ts';
import { applyPatch, type PatchOperation } from '../../state/patch.ts';

/**
 * The one patch that the writes of settled calls come to. Calls that were sent together built on the same state; calls that were
 * sent later built on what the earlier ones made of it.
 */
export function writesOf(calls: readonly CallRecord[], base: Json, reducers: StateReducers): PatchOperation[] {
  const waves = new Map<number, (readonly PatchOperation[])[]>();
  for (const { state } of calls) {
    if (state.at !== 'settled' || !state.patch?.length) continue;
    const wave = state.after ?? 0;
    waves.set(wave, [...(waves.get(wave) ?? []), state.patch]);
  }
  const merged: PatchOperation[] = [];
  let soFar = base;
  for (const [, writes] of [...waves].toSorted(([a], [b]) => a - b)) {
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
