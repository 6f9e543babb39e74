import type { Tool } from '../../agent/tool.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { Json } from '../../json.ts';
import type { CallRecord, CallState } from '../../session/call.ts';
import type { UsageEntry } from '../../session/usage.ts';
import { ImmerStateTracker } from '../../state/state-tracker.ts';
import { stopped, wasLeftBehind } from '../owner/cut.ts';
import { HookedState } from '../owner/hook-runner.ts';
import type { Owner } from '../owner/owner.ts';
import { failedState } from './failed-state.ts';
import { inputOf } from './plan-calls.ts';
import { resultState } from './result-state.ts';
import { openContext, type OpenContext } from './tool-context.ts';
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
  const open = openContext(owner, call, tracker);
  const span = owner.parts.ports.instrumentation.startSpan('execute_tool', spanAttributes(owner, call));
  const startedAt = owner.parts.ports.clock.monotonic();
  let failed: unknown;
  try {
    const ended = runBody(owner, tool, input, open, tracker, base);
    owner.parts.lease.holds(ended);
    const outcome = await owner.unlessStopped(ended, owner.parts.ports.limits.stopGraceMs);
    const state = outcome === stopped ? abandoned : outcome;
    if (state.at === 'failed') failed = state.error;
    const durationMs = Math.round(owner.parts.ports.clock.monotonic() - startedAt);
    return { state, usage: [...open.usage, toolUsage(owner, call, state, durationMs)] };
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
  input: unknown,
  open: OpenContext,
  tracker: ImmerStateTracker,
  base: ToolBase,
): Promise<CallState> {
  try {
    owner.reached('tool-body:before');
    const returned = await tool.execute(input, open.context);
    open.end();
    owner.reached('tool-body:after');
    const given = resultState(owner, tool, returned);
    return withWrites(given instanceof Promise ? await given : given, tracker, base);
  } catch (thrown) {
    open.end();
    const isStopped = owner.cut() === 'stopped' && wasLeftBehind(thrown);
    return failedState(isStopped ? HelixError.from(thrown, 'tool_failed') : bodyError(thrown));
  }
}

function withWrites(state: CallState, tracker: ImmerStateTracker, base: ToolBase): CallState {
  const patch = tracker.getPatches();
  if (state.at !== 'settled') return state;
  return { ...state, ...(patch.length > 0 && { patch }), ...(base.after > 0 && { after: base.after }) };
}

function spanAttributes(owner: Owner, call: CallRecord): Record<string, string | number> {
  return {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': call.toolName,
    'gen_ai.tool.call.id': call.callId,
    'gen_ai.conversation.id': owner.session.sessionId,
  };
}

/** What a body passes on - of a model, a store, a run of its own - is its own failure, and breaks nothing here. */
function bodyError(thrown: unknown): HelixError {
  const error = HelixError.from(thrown, 'tool_failed');
  if (error.category === 'tool') return error;
  return new HelixError('tool_failed', error.message, {
    cause: thrown,
    details: { ...error.details, code: error.code },
  });
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
