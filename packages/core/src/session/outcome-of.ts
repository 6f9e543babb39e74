import { HelixError } from '../errors/helix-error.ts';
import type { CallRecord } from './call.ts';
import type { ToolOutcome } from './message.ts';

/** What a final ledger row says to the model. */
export function outcomeOf({ callId, state }: CallRecord): ToolOutcome {
  switch (state.at) {
    case 'settled':
      return { type: 'result', value: state.result };
    case 'failed':
      return { type: 'error', error: state.error };
    case 'not-executed':
      return { type: 'not-executed', reason: state.reason, ...(state.note !== undefined && { note: state.note }) };
    case 'unknown':
      return { type: 'unknown', note: state.note };
    default:
      throw new HelixError('framework_internal', `call ${callId} has no outcome yet`);
  }
}
