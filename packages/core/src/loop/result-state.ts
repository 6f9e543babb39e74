import { validate, type Checked } from '../agent/schema.ts';
import type { Tool } from '../agent/tool.ts';
import { HelixError } from '../errors/helix-error.ts';
import { toShallowJson } from '../nesting.ts';
import type { CallState } from '../session/call.ts';
import { failedState } from './failed-state.ts';
import type { Owner } from './owner.ts';
import { jsonBytesAbove } from './size.ts';

/** What a call comes to by what its tool gave: as its schema reads it, as JSON, and within the limit; or why it cannot be kept. */
export function resultState(owner: Owner, tool: Tool, given: unknown): CallState | Promise<CallState> {
  const schema = tool.finishWith ? (owner.parts.agent.outputSchema ?? tool.outputSchema) : tool.outputSchema;
  if (!schema) return kept(owner, tool, given);
  const checked = validate(schema, given);
  const keep = (read: Checked<unknown>) => (read.ok ? kept(owner, tool, read.value) : unfit(tool, read.issues));
  return checked instanceof Promise ? checked.then(keep) : keep(checked);
}

function kept(owner: Owner, tool: Tool, value: unknown): CallState {
  const result = toShallowJson(`${tool.name} returned data that is`, value);
  const { maxResultBytes } = owner.parts.ports.limits;
  const bytes = jsonBytesAbove(maxResultBytes, result);
  if (bytes === null) return { at: 'settled', result, ...(tool.finishWith && { finishes: true as const }) };
  const message = `${tool.name} returned ${bytes} bytes; at most ${maxResultBytes} are kept`;
  return failedState(new HelixError('tool_limit_exceeded', message));
}

function unfit(tool: Tool, issues: readonly string[]): CallState {
  return failedState(new HelixError('tool_output_invalid', `${tool.name} returned: ${issues.join('; ')}`));
}
