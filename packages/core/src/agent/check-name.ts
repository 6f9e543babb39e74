import { HelixError } from '../errors/helix-error.ts';

const pattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Refuses what no provider takes as the name of an agent or a tool. @throws HelixError with the code */
export function checkName(code: 'agent_invalid' | 'tool_invalid', name: unknown): void {
  if (typeof name === 'string' && pattern.test(name)) return;
  throw new HelixError(code, `name must be 1 to 64 of A-Z a-z 0-9 _ -, got ${JSON.stringify(name)}`);
}
