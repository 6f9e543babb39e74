import type { Agent } from '../../agent/agent.ts';
import { validate, type Checked } from '../../agent/schema.ts';
import { andThen } from '../../and-then.ts';

/**
 * What a change of the custom state brought in that the agent's schema does not allow, a line each. What was wrong before is no
 * fault of the change: a session may be older than the schema, and a schema need not take what it gives.
 */
export function stateIssues(
  { stateSchema }: Pick<Agent<never, never>, 'stateSchema'>,
  before: unknown,
  after: unknown,
): readonly string[] | Promise<readonly string[]> {
  if (!stateSchema) return [];
  return andThen(validate(stateSchema, after), (now) => {
    if (now.ok) return [];
    const newly = (was: Checked<unknown>) =>
      was.ok ? now.issues : now.issues.filter((one) => !was.issues.includes(one));
    return andThen(validate(stateSchema, before), newly);
  });
}
