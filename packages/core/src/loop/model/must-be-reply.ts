import { shown } from '../../agent/shown.ts';
import type { StepResult, ToolCallRequest } from '../../contracts/llm-adapter.ts';
import { HelixError } from '../../errors/helix-error.ts';

/**
 * An adapter may be compiled without our types: what it answers that is no reply would end the turn as an empty one.
 *
 * @throws HelixError `provider_bad_response`, naming the member
 */
export function mustBeReply(result: unknown): void {
  const reply = (result ?? {}) as Unchecked<StepResult>;
  if (!types.has(reply.type)) {
    const answered = `the adapter answered ${shown(result)} of type ${shown(reply.type)}`;
    throw bad(`${answered}; the type must be text, tool_calls or error`);
  }
  if (reply.type === 'text') mustBeText('content', reply.content);
  if (reply.type === 'tool_calls') mustBeCalls(reply);
}

type Unchecked<T> = { readonly [Name in T extends unknown ? keyof T : never]?: unknown };

const types: ReadonlySet<unknown> = new Set(['text', 'tool_calls', 'error'] satisfies StepResult['type'][]);

/** Providers say null where the model said nothing beside its calls. */
function mustBeCalls({ content, toolCalls }: Unchecked<StepResult>): void {
  if (content !== undefined && content !== null) mustBeText('content', content);
  if (!Array.isArray(toolCalls)) throw misfit('toolCalls', 'a list', toolCalls);
  for (const [index, call] of toolCalls.entries()) {
    const { id, name } = (call ?? {}) as Unchecked<ToolCallRequest>;
    if (id === '') throw misfit(`toolCalls[${index}].id`, 'a text', id);
    mustBeText(`toolCalls[${index}].id`, id);
    mustBeText(`toolCalls[${index}].name`, name);
  }
}

function mustBeText(member: string, value: unknown): void {
  if (typeof value !== 'string') throw misfit(member, 'a text', value);
}

function misfit(member: string, wanted: string, value: unknown): HelixError {
  return bad(`the reply of the adapter: ${member} must be ${wanted}, got ${shown(value)}`);
}

function bad(message: string): HelixError {
  return new HelixError('provider_bad_response', message, { retryable: false });
}
