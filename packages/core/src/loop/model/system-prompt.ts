import type { Agent } from '../../agent/agent.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { messageOf } from '../../errors/message-of.ts';
import type { Json } from '../../values/json.ts';

/**
 * What an agent's model is told first, over the state of a session.
 *
 * @throws HelixError `agent_invalid` where its function fails, or gives no text: stores would differ in what they make of that
 */
export function systemPromptOf({ name, systemPrompt }: Agent, state: Json): string {
  if (typeof systemPrompt === 'string') return systemPrompt;
  const prompt = ask(name, systemPrompt, state);
  if (typeof prompt === 'string') return prompt;
  // What it does later fails, and must not end the process.
  if (prompt instanceof Promise) prompt.catch(() => {});
  const given = prompt instanceof Promise ? 'a promise' : prompt === null ? 'null' : typeof prompt;
  throw new HelixError('agent_invalid', `agent ${name}: systemPrompt must give a text, got ${given}`);
}

function ask(name: string, systemPrompt: (state: unknown) => unknown, state: Json): unknown {
  try {
    return systemPrompt(state);
  } catch (cause) {
    throw new HelixError('agent_invalid', `agent ${name}: systemPrompt failed: ${messageOf(cause)}`, { cause });
  }
}
