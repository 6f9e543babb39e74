import type { CallRecord } from '../../src/session/call.ts';
import type { OpenStep } from '../../src/session/snapshot.ts';

/** The calls of an open step. */
export function callsOf(step: OpenStep | null): readonly CallRecord[] {
  return step?.at === 'calls' ? step.calls : [];
}
