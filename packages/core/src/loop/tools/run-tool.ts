import type { Tool } from '../../agent/tool.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord, CallState } from '../../session/call.ts';
import type { UsageEntry } from '../../session/usage.ts';
import { ImmerStateTracker } from '../../state/state-tracker.ts';
import type { Json } from '../../values/json.ts';
import { startSpan, withinSpan } from '../../ports/spans.ts';
import { stopped, wasLeftBehind } from '../owner/cut.ts';
import { HookedState } from '../owner/hook-runner.ts';
import type { Owner } from '../owner/owner.ts';
import { placeOfSpan } from '../owner/place-of-span.ts';
import { stateIssues } from '../owner/state-issues.ts';
import { failedState, withoutTool } from './failed-state.ts';
import { logFailedTool } from './log-failed-tool.ts';
import { logLeftBehind } from './log-left-behind.ts';
import { inputOf } from './plan-calls.ts';
import { resultState, unfitState } from './result-state.ts';
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

/** How a body ended, and what it threw: the record keeps a message of that, and whoever mends the tool needs the place. */
interface BodyEnd {
  readonly state: CallState;
  readonly thrown?: unknown;
}

/** Everything that a body needs before it may begin. */
interface Prepared {
  readonly tool: Tool;
  readonly input: unknown;
  /** Holds what hooks before the body made of the state. */
  readonly tracker: ImmerStateTracker;
}

/**
 * Runs the body of one call that is sent. Never rejects but with `state_lease_lost`: a tool's failure is its outcome. A failed hook
 * is one, too, so that siblings end and what they did is kept; when the step closes, it breaks the run.
 */
export async function runTool(owner: Owner, call: CallRecord, base: ToolBase): Promise<ToolRun> {
  const preparing = prepare(owner, call, base);
  const prepared = preparing instanceof Promise ? await preparing : preparing;
  if ('at' in prepared) return withoutUsage(prepared);
  const safe = owner.untilSafe();
  if (safe) await safe;
  // Nothing is awaited between the last look at the lease and the body.
  if (owner.cut() === 'stopped') return withoutUsage(notStarted(call));
  return await perform(owner, call, prepared, base);
}

/** Calls the hook and reads the input; or answers what a call comes to whose body does not begin. */
function prepare(owner: Owner, call: CallRecord, base: ToolBase): Prepared | CallState | Promise<Prepared | CallState> {
  const tool = owner.parts.agent.tools.get(call.toolName);
  if (!tool) return withoutTool(call);
  const hooked = new HookedState(base.state);
  const about = { tool: { name: call.toolName }, toolCallId: call.callId, input: call.input };
  const told = owner.hooks.call('beforeTool', about, hooked);
  if (!told) return readInput(owner, call, tool, hooked);
  return told.then(
    () => readInput(owner, call, tool, hooked),
    (thrown: unknown) => unprepared(owner, call, HelixError.from(thrown, 'framework_hook_failed')),
  );
}

function readInput(
  owner: Owner,
  call: CallRecord,
  tool: Tool,
  hooked: HookedState,
): Prepared | CallState | Promise<Prepared | CallState> {
  const refuse = (thrown: unknown) => unprepared(owner, call, HelixError.from(thrown, 'tool_input_invalid'));
  try {
    const tracker = new ImmerStateTracker<unknown>(hooked.value, hooked.operations);
    const input = inputOf(owner, call, tool.inputSchema);
    return input instanceof Promise
      ? input.then((read) => ({ tool, tracker, input: read }), refuse)
      : { tool, tracker, input };
  } catch (thrown) {
    return refuse(thrown);
  }
}

/** What a call comes to whose body could not begin. What a stop cuts off is no failure. */
export function unprepared(owner: Owner, call: CallRecord, error: HelixError): CallState {
  return owner.cut() === 'stopped' ? notStarted(call) : failedState(error);
}

/** The body itself, until it ends or a stop leaves it behind, and what it used. */
async function perform(owner: Owner, call: CallRecord, prepared: Prepared, base: ToolBase): Promise<ToolRun> {
  const { ports } = owner.parts;
  const { clock, limits } = ports;
  const open = openContext(owner, call, prepared.tracker);
  const span = startSpan(ports, 'execute_tool', () => spanAttributes(owner, call));
  const startedAt = clock.monotonic();
  const ended = withinSpan(span, () => runBody(owner, prepared, open, base));
  owner.parts.lease.holds(ended);
  let failed: unknown;
  try {
    const outcome = await owner.unlessStopped(ended, limits.stopGraceMs);
    const { state, thrown } = outcome === stopped ? abandoned : outcome;
    if (state.at === 'failed') {
      failed = thrown ?? HelixError.fromDetail(state.error);
      logFailedTool(owner, call, state.error, failed);
    }
    const durationMs = Math.round(clock.monotonic() - startedAt);
    return { state, usage: [...open.usage, toolUsage(owner, call, state, durationMs)] };
  } catch (thrown) {
    failed = thrown;
    throw thrown;
  } finally {
    span.end(failed);
    if (owner.isCut) await logLeftBehind(owner, call, ended);
  }
}

async function runBody(
  owner: Owner,
  { tool, input, tracker }: Prepared,
  open: OpenContext,
  base: ToolBase,
): Promise<BodyEnd> {
  try {
    owner.reached('tool-body:before');
    const returned = await tool.execute(input, open.context);
    open.end();
    owner.reached('tool-body:after');
    const given = resultState(owner, tool, returned);
    const state = given instanceof Promise ? await given : given;
    const kept = withWrites(state, tracker, base);
    if (kept.at !== 'settled' || !kept.patch) return { state: kept };
    const unfit = stateIssues(owner.parts.agent, base.state, tracker.getState());
    const issues = unfit instanceof Promise ? await unfit : unfit;
    return { state: issues.length > 0 ? unfitState(tool.name, issues) : kept };
  } catch (thrown) {
    open.end();
    const isStopped = owner.cut() === 'stopped' && wasLeftBehind(thrown);
    return { state: failedState(isStopped ? HelixError.from(thrown, 'tool_failed') : bodyError(thrown)), thrown };
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
    ...placeOfSpan(owner),
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
const abandoned: BodyEnd = { state: { at: 'unknown', note: 'the run was stopped while the tool ran' } };

function withoutUsage(state: CallState): ToolRun {
  return { state, usage: [] };
}
