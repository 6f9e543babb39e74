import { validate, type Checked, type Schema } from '../../agent/schema.ts';
import { finishToolName, type Tool } from '../../agent/tool.ts';
import { andThen } from '../../and-then.ts';
import type { ToolCallRequest } from '../../contracts/llm-adapter.ts';
import type { ErrorCode } from '../../errors/error-table.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord, CallState, ReplayPolicy } from '../../session/call.ts';
import type { ModelMode } from '../../session/snapshot.ts';
import { toJson } from '../../values/json.ts';
import { isTooDeep } from '../../values/nesting.ts';
import { jsonBytesAbove } from '../../values/size.ts';
import { wasLeftBehind } from '../owner/cut.ts';
import type { Owner } from '../owner/owner.ts';
import { tooDeep } from '../owner/too-deep.ts';
import { failedState } from './failed-state.ts';
import { outputOf } from './output-of.ts';
import { toolSpecs } from './tool-specs.ts';

/**
 * The ledger rows of a reply's calls. A call that cannot be carried out is final at once, with the reason for the model; so is each of a
 * reply with a `refusal`.
 */
export function planCalls(
  owner: Owner,
  requests: readonly ToolCallRequest[],
  mode: ModelMode,
  refusal: Problem | null,
): CallRecord[] | Promise<CallRecord[]> {
  const { maxCallsPerStep } = owner.parts.ports.limits;
  const calls = requests.map((request, index) => {
    try {
      const problem =
        refusal ?? (index < maxCallsPerStep ? findProblem(owner, request, mode) : tooMany(maxCallsPerStep));
      return andThen(problem, (found) => toRecord(owner, request, found));
    } catch (thrown) {
      // Not at once: what becomes of those before it, whose schemas are still asked, must be heard as well.
      return Promise.reject<CallRecord>(thrown);
    }
  });
  return calls.every(isKnown) ? calls : Promise.all(calls.map(async (call) => call));
}

function isKnown(call: CallRecord | Promise<CallRecord>): call is CallRecord {
  return !(call instanceof Promise);
}

/** Why a call is not carried out. */
interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
}

function toRecord(
  owner: Owner,
  { id, name, arguments: given, malformed }: ToolCallRequest,
  problem: Problem | null,
): CallRecord {
  const tool = owner.parts.agent.tools.get(name);
  const builtIn = name === finishToolName;
  return {
    v: 1,
    callId: id,
    toolName: name,
    kind: builtIn || tool?.finishWith ? 'finish' : 'tool',
    input: malformed === undefined && !(problem && unread.has(problem.code)) ? toJson(given) : {},
    gate: { at: 'open' },
    replay: builtIn ? 'safe' : replayOf(tool),
    sequential: tool?.sequential ?? false,
    attempts: 0,
    state: problem ? failedWith(problem) : { at: 'planned' },
  };
}

/** With these problems nobody has looked whether the arguments can be kept, or they cannot. */
const unread: ReadonlySet<ErrorCode> = new Set(['tool_limit_exceeded', 'provider_refused']);

function replayOf(tool: Tool | undefined): ReplayPolicy {
  if (!tool) return 'never';
  return typeof tool.replay === 'object' ? 'verify' : tool.replay;
}

function failedWith({ code, message }: Problem): CallState {
  return failedState(new HelixError(code, message));
}

function findProblem(
  owner: Owner,
  request: ToolCallRequest,
  mode: ModelMode,
): Problem | null | Promise<Problem | null> {
  const { agent, ports } = owner.parts;
  const { id, name, malformed } = request;
  if (isTooDeep(request.arguments)) return tooDeep('the arguments are');
  const schema = name === finishToolName ? agent.outputSchema : agent.tools.get(name)?.inputSchema;
  const offered = toolSpecs(agent, mode);
  if (!schema || !offered.some((spec) => spec.name === name)) {
    const known = offered.map((spec) => spec.name).join(', ') || 'none';
    return {
      code: 'tool_not_found',
      message: `there is no tool ${JSON.stringify(name)} to call here; tools: ${known}`,
    };
  }
  if (malformed !== undefined) return { code: 'tool_input_invalid', message: malformed };
  const { maxArgumentsBytes } = ports.limits;
  const bytes = jsonBytesAbove(maxArgumentsBytes, request.arguments);
  if (bytes !== null) {
    return {
      code: 'tool_limit_exceeded',
      message: `the arguments have ${bytes} bytes; at most ${maxArgumentsBytes} are allowed`,
    };
  }
  return readInput(owner, id, schema, request.arguments);
}

function readInput(
  owner: Owner,
  callId: string,
  schema: Schema,
  given: unknown,
): Problem | null | Promise<Problem | null> {
  const take = (checked: Checked<unknown>): Problem | null => {
    if (!checked.ok) return { code: 'tool_input_invalid', message: checked.issues.join('; ') };
    owner.keepInput(callId, checked.value);
    return null;
  };
  try {
    const checked = validate(schema, given);
    if (!(checked instanceof Promise)) return take(checked);
    return owner.awaitUserCode(checked, 'a schema').then(take, (thrown: unknown) => refused(owner, thrown));
  } catch (thrown) {
    return refused(owner, thrown);
  }
}

/** A schema that throws refuses the call as one that finds issues does. */
function refused(owner: Owner, thrown: unknown): Problem {
  if (owner.cut() === 'stopped' && wasLeftBehind(thrown)) throw thrown;
  return { code: 'tool_input_invalid', message: HelixError.from(thrown, 'tool_input_invalid').message };
}

function tooMany(limit: number): Problem {
  return { code: 'tool_limit_exceeded', message: `a reply may hold ${limit} calls; this one was not executed` };
}

/** The input of a call as its schema reads it. */
export function inputOf(owner: Owner, call: CallRecord, schema: Tool['inputSchema']): unknown {
  return owner.inputs.has(call.callId) ? owner.inputs.get(call.callId) : readAgain(owner, call, schema);
}

async function readAgain(owner: Owner, call: CallRecord, schema: Tool['inputSchema']): Promise<unknown> {
  const read = validate(schema, call.input);
  const checked = read instanceof Promise ? await owner.awaitUserCode(read, 'a schema') : read;
  if (checked.ok) return checked.value;
  throw new HelixError('tool_input_invalid', checked.issues.join('; '));
}

/** What a built-in finish comes to: its arguments as the schema of the output reads them. */
export async function finishState(owner: Owner, call: CallRecord): Promise<CallState> {
  const { outputSchema } = owner.parts.agent;
  try {
    const result = outputSchema ? outputOf(owner, await inputOf(owner, call, outputSchema)) : call.input;
    return { at: 'settled', result, finishes: true };
  } catch (thrown) {
    if (owner.cut() === 'stopped' && wasLeftBehind(thrown)) return { at: 'not-executed', reason: 'run_stopped' };
    return failedState(HelixError.from(thrown, 'tool_input_invalid'));
  }
}
