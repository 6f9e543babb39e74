import type { CallRecord, CallState } from '../../session/call.ts';
import type { UsageEntry } from '../../session/usage.ts';
import type { Owner } from '../owner/owner.ts';

/** What the usage record says of a call that was sent and has its outcome. */
export function toolUsage(owner: Owner, call: CallRecord, state: CallState, durationMs: number): UsageEntry {
  const { callId, toolName } = call;
  const place = { runId: owner.run.runId, step: owner.stream.step };
  const at = owner.parts.ports.clock.now();
  return { v: 1, kind: 'tool', ...place, callId, toolName, ok: state.at === 'settled', durationMs, at };
}
