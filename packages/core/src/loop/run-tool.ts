import type { Tool, ToolContext } from '../agent/tool.ts';
import { HelixError } from '../errors/helix-error.ts';
import type { Json } from '../json.ts';
import { toShallowJson } from '../nesting.ts';
import type { CallRecord, CallState } from '../session/call.ts';
import type { UsageEntry } from '../session/usage.ts';
import { ImmerStateTracker } from '../state/state-tracker.ts';
import { stopped } from './cut.ts';
import { failedState } from './failed-state.ts';
import { HookedState } from './hook-runner.ts';
import type { Owner } from './owner.ts';
import { inputOf } from './plan-calls.ts';
import { resultState } from './result-state.ts';
import { toolUsage } from './tool-usage.ts';

/** What the body of a call came to. */
export interface ToolRun {
  readonly state: CallState;
  readonly usage: readonly UsageEntry[];
}

/** Where a body stands: the state that it builds on, and how many calls had ended before it was sent. */
export interface ToolBase {
  readonly state: Json;
  readonly after: number;
}

/**
 * Runs the body of one call that is sent. Never rejects but with `state_lease_lost`: a tool's failure is its outcome. A failed hook
 * is one, too, so that siblings end and what they did is kept; when the step closes, it breaks the run.
 */
export async function runTool(owner: Owner, call: CallRecord, base: ToolBase): Promise<ToolRun> {
  const tool = owner.parts.agent.tools.get(call.toolName);
  if (!tool)
    return withoutUsage(
      failedState(new HelixError('tool_not_found', `the tool ${call.toolName} is not there any more`)),
    );
  const hooked = new HookedState(base.state);
  try {
    const about = { tool: { name: call.toolName }, toolCallId: call.callId, input: call.input };
    if (owner.hooks.any) await owner.hooks.call('beforeTool', about, hooked);
  } catch (thrown) {
    if (owner.cut() === 'stopped') return withoutUsage(notStarted(call));
    return withoutUsage(failedState(HelixError.from(thrown, 'framework_hook_failed')));
  }
  const tracker = new ImmerStateTracker<unknown>(hooked.value, hooked.operations);
  let input: unknown;
  try {
    const read = inputOf(owner, call, tool.inputSchema);
    input = read instanceof Promise ? await read : read;
  } catch (thrown) {
    if (owner.cut() === 'stopped') return withoutUsage(notStarted(call));
    return withoutUsage(failedState(HelixError.from(thrown, 'tool_input_invalid')));
  }
  const safe = owner.untilSafe();
  if (safe) await safe;
  // Nothing is awaited between the last look at the lease and the body.
  if (owner.cut() === 'stopped') return withoutUsage(notStarted(call));
  const usage: UsageEntry[] = [];
  const span = owner.parts.ports.instrumentation.startSpan('execute_tool', spanAttributes(owner, call));
  const startedAt = owner.parts.ports.clock.now();
  let failed: unknown;
  try {
    const ended = runBody(owner, tool, call, input, tracker, base, usage);
    owner.parts.lease.holds(ended);
    const outcome = await owner.unlessStopped(ended, owner.parts.ports.limits.stopGraceMs);
    const state = outcome === stopped ? abandoned : outcome;
    if (state.at === 'failed') failed = state.error;
    const durationMs = owner.parts.ports.clock.now() - startedAt;
    return { state, usage: [...usage, toolUsage(owner, call, state, durationMs)] };
  } catch (thrown) {
    failed = thrown;
    throw thrown;
  } finally {
    span.end(failed);
  }
}

async function runBody(
  owner: Owner,
  tool: Tool,
  call: CallRecord,
  input: unknown,
  tracker: ImmerStateTracker,
  base: ToolBase,
  usage: UsageEntry[],
): Promise<CallState> {
  try {
    owner.reached('tool-body:before');
    const returned = await tool.execute(input, contextOf(owner, call, tracker, usage));
    owner.reached('tool-body:after');
    const given = resultState(owner, tool, returned);
    return withWrites(given instanceof Promise ? await given : given, tracker, base);
  } catch (thrown) {
    owner.cut();
    return failedState(bodyError(thrown));
  }
}

function withWrites(state: CallState, tracker: ImmerStateTracker, base: ToolBase): CallState {
  const patch = tracker.getPatches();
  if (state.at !== 'settled') return state;
  return { ...state, ...(patch.length > 0 && { patch }), ...(base.after > 0 && { after: base.after }) };
}

function contextOf(owner: Owner, call: CallRecord, tracker: ImmerStateTracker, usage: UsageEntry[]): ToolContext {
  const { sessionId, agentType } = owner.session;
  const { step } = owner.place;
  const { runId } = owner.run;
  return {
    sessionId,
    runId,
    agentType,
    agentId: sessionId,
    toolCallId: call.callId,
    dispatchId: dispatchIdOf(sessionId, call.callId),
    attempt: call.attempts,
    step,
    abortSignal: owner.signal,
    getState: <TState>() => tracker.getState() as TState,
    updateState: <TState>(change: (draft: TState) => void) => void tracker.update((draft) => change(draft as TState)),
    emit: (eventName, data) =>
      owner.write({ type: 'custom', eventName, data: toShallowJson(`the event ${eventName} has data that is`, data) }),
    recordUsage: (name, data) =>
      void usage.push({
        v: 1,
        kind: 'custom',
        runId,
        step,
        name,
        data: toShallowJson(`the usage ${name} has data that is`, data),
        at: owner.parts.ports.clock.now(),
      }),
  };
}

/** The same for every body of a call. */
export function dispatchIdOf(sessionId: string, callId: string): string {
  return `${sessionId}:${callId}`;
}

function spanAttributes(owner: Owner, call: CallRecord): Record<string, string | number> {
  return {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': call.toolName,
    'gen_ai.tool.call.id': call.callId,
    'gen_ai.conversation.id': owner.session.sessionId,
  };
}

/** A body that passes on what broke a run of its own breaks nothing here. */
function bodyError(thrown: unknown): HelixError {
  const error = HelixError.from(thrown, 'tool_failed');
  return error.code === 'framework_hook_failed'
    ? new HelixError('tool_failed', error.message, { cause: thrown })
    : error;
}

/** A stop came before this body; an earlier body may have done anything. */
function notStarted({ attempts }: CallRecord): CallState {
  if (attempts === 1) return { at: 'not-executed', reason: 'run_stopped' };
  return { at: 'unknown', note: 'the process was lost while the tool ran, and a stop came before it ran again' };
}

/** A body that did not end soon after a stop may have done anything. */
const abandoned: CallState = { at: 'unknown', note: 'the run was stopped while the tool ran' };

function withoutUsage(state: CallState): ToolRun {
  return { state, usage: [] };
}
