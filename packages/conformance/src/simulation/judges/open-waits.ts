import type { CallRecord, ChildChange, Draft, Owner, WaitChange, WaitRecord } from '@helix-agents/core';
import { shapeOf, type WaitingFor } from '../processes/tool-shapes.ts';

const kindOf = { 'client-tool': 'client', approval: 'tool', child: 'child' } as const;

/** Turns calls of a reply that somebody else must answer into waits, as client tools, approvals and children will. */
export function openWaits(owner: Owner, draft: Draft, waitMs: number | null): Draft {
  const step = draft.head?.step;
  if (step?.op !== 'reply') return draft;
  const waits: WaitChange[] = [];
  const children: ChildChange[] = [];
  const calls = step.calls.map((call) => {
    const waiting = call.state.at === 'planned' ? shapeOf(call.toolName)?.wait : undefined;
    if (!waiting) return call;
    const wait = makeWait(owner, call, waiting, waitMs);
    waits.push({ op: 'open', wait });
    if (waiting === 'child') children.push({ op: 'add', child: makeChild(owner, call) });
    return { ...call, kind: kindOf[waiting], gate: { at: 'closed' as const, waitId: wait.waitId } };
  });
  if (waits.length === 0) return draft;
  return {
    ...draft,
    head: { ...draft.head, step: { ...step, calls } },
    waits,
    ...(children.length > 0 && { children }),
  };
}

function makeWait(
  { session, run, parts }: Owner,
  call: CallRecord,
  kind: WaitingFor,
  waitMs: number | null,
): WaitRecord {
  const { callId } = call;
  return {
    v: 1,
    // A session that was deleted may have had a call of this id, and its answer may come late.
    waitId: `wait-${run.runId}-${callId}`,
    kind,
    generation: session.generation,
    runId: run.runId,
    callId,
    ...(kind === 'child' && { delegationId: `to-${callId}` }),
    ...(waitMs !== null && { deadline: parts.ports.clock.now() + waitMs }),
  };
}

function makeChild({ session }: Owner, { callId }: CallRecord) {
  const ids = { delegationId: `to-${callId}`, callId, childSessionId: `child-${callId}` };
  return { v: 1, generation: session.generation, agentType: 'child', ...ids } as const;
}
