import { HelixError } from '../../errors/helix-error.ts';
import { stateValue } from '../../state/state-value.ts';
import type { Json } from '../../values/json.ts';
import type { Owner } from '../owner/owner.ts';

/**
 * The typed output of a run, which must come back from the record as what its type says: a date would be a text.
 *
 * @throws HelixError `agent_invalid`, naming the path: no other call of the model could mend it
 */
export function outputOf({ parts: { agent } }: Owner, read: unknown): Json {
  try {
    return stateValue(read, [], 'the output');
  } catch (cause) {
    throw new HelixError('agent_invalid', `agent ${agent.name}: outputSchema: ${(cause as Error).message}`, { cause });
  }
}
