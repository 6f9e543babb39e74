import { isFinal, type CallRecord } from '../../session/call.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import { outcomeOf } from '../../session/outcome-of.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';

/** The end of a call as the stream tells it. */
export function toolEnd(call: CallRecord): ChunkBody {
  return { type: 'tool_end', toolCallId: call.callId, toolName: call.toolName, outcome: outcomeOf(call) };
}

/**
 * Calls of the open step whose ends an owner before this one told: those that a commit knows of by their bodies. What ended by itself
 * since is withdrawn, and told again. Where the stream, which is at `sequence`, lacks what the record stands for, no end is sure.
 */
export function toldEnds({ step, streamSequence, streamSure }: SessionSnapshot, sequence: number): readonly string[] {
  if (step?.at !== 'calls' || sequence < streamSequence || streamSure !== undefined) return [];
  return step.calls.filter(wasTold).map(({ callId }) => callId);
}

/** The use of a call that ended outside of a commit is still to be written. */
function wasTold({ kind, state, attempts, usage }: CallRecord): boolean {
  const hasBody = kind === 'tool' || kind === 'finish';
  return hasBody && attempts > 0 && isFinal(state) && usage === undefined;
}
