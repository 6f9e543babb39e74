import { validate } from '../../agent/schema.ts';
import type { Tool } from '../../agent/tool.ts';
import { andThen } from '../../and-then.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { CallState } from '../../session/call.ts';
import type { Json } from '../../values/json.ts';
import { givenData } from '../owner/given-data.ts';
import type { Owner } from '../owner/owner.ts';
import { failedState } from './failed-state.ts';
import { outputOf } from './output-of.ts';

/** What a call comes to by what its tool gave: as its schema reads it, as JSON, and within the limit; or why it cannot be kept. */
export function resultState(owner: Owner, tool: Tool, given: unknown): CallState | Promise<CallState> {
  const { outputSchema } = owner.parts.agent;
  const isOutput = tool.finishWith && outputSchema !== null;
  const schema = isOutput ? outputSchema : tool.outputSchema;
  const keep = (value: unknown) => (isOutput ? keptOutput(owner, tool, value) : kept(owner, tool, value));
  if (!schema) return keep(given);
  return andThen(validate(schema, given), (read) => (read.ok ? keep(read.value) : unfit(tool, read.issues)));
}

function keptOutput(owner: Owner, tool: Tool, value: unknown): CallState {
  try {
    return kept(owner, tool, outputOf(owner, value));
  } catch (thrown) {
    return failedState(HelixError.from(thrown, 'agent_invalid'));
  }
}

function kept(owner: Owner, tool: Tool, value: unknown): CallState {
  // One of ours has a `toJSON`, and would be a result like any other: the call would count as done.
  if (value instanceof Error) return returnedError(tool, value);
  let result: Json;
  try {
    result = givenData(`${tool.name} returned`, value, owner.parts.ports.limits.maxResultBytes);
  } catch (thrown) {
    return atFault(HelixError.from(thrown, 'tool_output_invalid'));
  }
  return { at: 'settled', result, ...(tool.finishWith && { finishes: true as const }) };
}

function returnedError({ name }: Tool, error: Error): CallState {
  const problem = `${name} returned an error, which it must throw: ${error.message}`;
  return atFault(new HelixError('tool_output_invalid', problem, { cause: error }));
}

function unfit(tool: Tool, issues: readonly string[]): CallState {
  return atFault(new HelixError('tool_output_invalid', `${tool.name} returned: ${issues.join('; ')}`));
}

/** The state is as it was before the call. */
export function unfitState(toolName: string, issues: readonly string[]): CallState {
  const problem = `${toolName} wrote what the stateSchema of the agent does not allow`;
  return atFault(new HelixError('tool_output_invalid', `${problem}: ${issues.join('; ')}`));
}

/** The state is as the calls before it made it. */
export function unfitTogether(toolName: string, issues: readonly string[]): CallState {
  const problem = `what ${toolName} wrote does not fit beside what the calls before it in the reply wrote`;
  return atFault(new HelixError('tool_output_invalid', `${problem}: ${issues.join('; ')}`));
}

/** The model must not take it for a call that did nothing, and call again for a better result. */
function atFault({ code, message, cause }: HelixError): CallState {
  return failedState(new HelixError(code, `${message}. The tool has run: a further call runs it again.`, { cause }));
}
