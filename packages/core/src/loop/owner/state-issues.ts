import type { Agent } from '../../agent/agent.ts';
import { validate, type Checked } from '../../agent/schema.ts';

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
  const checked = validate(stateSchema, after);
  const compare = (now: Checked<unknown>) => (now.ok ? [] : withoutOld(now.issues, validate(stateSchema, before)));
  return checked instanceof Promise ? checked.then(compare) : compare(checked);
}

function withoutOld(
  issues: readonly string[],
  before: Checked<unknown> | Promise<Checked<unknown>>,
): readonly string[] | Promise<readonly string[]> {
  if (before instanceof Promise) return before.then((known) => withoutOld(issues, known));
  return before.ok ? issues : issues.filter((issue) => !before.issues.includes(issue));
}
