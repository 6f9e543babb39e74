import type { Agent } from '../../agent/agent.ts';
import { andThen } from '../../and-then.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { messageOf } from '../../errors/message-of.ts';
import type { CallRecord, CallState } from '../../session/call.ts';
import { mergeWrites } from '../../state/merge-writes.ts';
import { applyPatch, type PatchOperation } from '../../state/patch.ts';
import type { Json } from '../../values/json.ts';
import type { Owner } from '../owner/owner.ts';
import { stateIssues } from '../owner/state-issues.ts';
import { unfitTogether } from './result-state.ts';

/** What the settled calls of a step come to together. */
export interface MergedCalls {
  /** In their order. A call whose writes the state does not allow beside those of the calls before it has failed. */
  readonly calls: readonly CallRecord[];
  /** The one patch that the writes of the others come to. */
  readonly operations: readonly PatchOperation[];
}

/**
 * Calls that were sent together built on the same state; calls that were sent later built on what the earlier ones made of it. Each
 * was checked by itself when it ended: only what several made side by side is checked here. The same calls come to the same each
 * time, so the ledger need not keep it.
 *
 * @throws HelixError `framework_reducer_failed`; `agent_invalid` where the schema of the state throws
 */
export function mergeCalls(owner: Owner, calls: readonly CallRecord[], base: Json): MergedCalls | Promise<MergedCalls> {
  const writers = calls.filter(isWriter);
  if (writers.length < 2) return { calls, operations: writers[0] ? patchOf(writers[0]) : [] };
  const waves = [...Map.groupBy(writers, ({ state }) => state.after ?? 0)].toSorted(([a], [b]) => a - b);
  const { agent } = owner.parts;
  const merging = waves.reduce<Merging | Promise<Merging>>(
    (before, [, wave]) => andThen(before, (soFar) => mergeWave(agent, soFar, wave)),
    { calls, operations: [], state: base },
  );
  return merging instanceof Promise ? owner.awaitUserCode(merging, 'the stateSchema') : merging;
}

/** The state that a call sent now builds on. */
export function stateForCalls(owner: Owner, calls: readonly CallRecord[], base: Json): Json | Promise<Json> {
  return andThen(mergeCalls(owner, calls, base), ({ operations }) => applyPatch(base, operations));
}

interface Merging extends MergedCalls {
  readonly state: Json;
}

type Writer = CallRecord & { readonly state: Extract<CallState, { at: 'settled' }> };

function isWriter(call: CallRecord): call is Writer {
  return call.state.at === 'settled' && patchOf(call as Writer).length > 0;
}

function patchOf({ state }: Writer): readonly PatchOperation[] {
  return state.patch ?? [];
}

function mergeWave(agent: Agent, before: Merging, wave: readonly Writer[]): Merging | Promise<Merging> {
  const merged = withWrites(agent, before, wave);
  if (wave.length === 1) return merged;
  return andThen(issuesOf(agent, before, merged), (issues) =>
    issues.length === 0 ? merged : mergeInTurn(agent, before, wave),
  );
}

function withWrites({ reducers }: Agent, before: Merging, writers: readonly Writer[]): Merging {
  const operations = mergeWrites(before.state, writers.map(patchOf), reducers);
  return {
    ...before,
    operations: [...before.operations, ...operations],
    state: applyPatch(before.state, operations),
  };
}

/** Call by call: whose writes do not fit beside those before it has failed, and the next is tried without them. */
async function mergeInTurn(agent: Agent, before: Merging, wave: readonly Writer[]): Promise<Merging> {
  const failed = new Map<string, CallRecord>();
  let fitting: readonly Writer[] = [];
  let merged = before;
  for (const call of wave) {
    const tried = withWrites(agent, before, [...fitting, call]);
    const issues = fitting.length > 0 ? await issuesOf(agent, before, tried) : [];
    if (issues.length > 0) {
      failed.set(call.callId, { ...call, state: unfitTogether(call.toolName, issues) });
      continue;
    }
    fitting = [...fitting, call];
    merged = tried;
  }
  return { ...merged, calls: before.calls.map((call) => failed.get(call.callId) ?? call) };
}

function issuesOf(agent: Agent, before: Merging, after: Merging): readonly string[] | Promise<readonly string[]> {
  const failed = (cause: unknown): never => {
    throw new HelixError('agent_invalid', `agent ${agent.name}: stateSchema failed: ${messageOf(cause)}`, { cause });
  };
  try {
    const issues = stateIssues(agent, before.state, after.state);
    return issues instanceof Promise ? issues.catch(failed) : issues;
  } catch (cause) {
    return failed(cause);
  }
}
