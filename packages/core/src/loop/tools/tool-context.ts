import type { ToolContext } from '../../agent/tool.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord } from '../../session/call.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { streamIdOf } from '../../session/stream-id.ts';
import type { UsageEntry } from '../../session/usage.ts';
import type { ImmerStateTracker } from '../../state/state-tracker.ts';
import { givenData } from '../owner/given-data.ts';
import type { Owner } from '../owner/owner.ts';

/** What the body of a call works with, and what it has recorded, until it has ended. */
export interface OpenContext {
  readonly context: ToolContext;
  readonly usage: readonly UsageEntry[];
  /** The body has ended: what comes later would be in no commit, and is refused. One that was left behind has not. */
  end(): void;
}

export function openContext(owner: Owner, call: CallRecord, tracker: ImmerStateTracker): OpenContext {
  const { clock, limits } = owner.parts.ports;
  const place = placeOf(owner, call);
  const { runId, step } = place;
  const usage: UsageEntry[] = [];
  let hasEnded = false;
  const mustRun = (what: string) => {
    if (!hasEnded) return;
    throw new HelixError('tool_body_ended', `${what} came after the body of ${call.toolName} had ended`);
  };
  const context: ToolContext = {
    ...place,
    getState: <TState>() => tracker.getState() as TState,
    updateState: <TState>(change: (draft: TState) => void) => {
      mustRun('updateState');
      tracker.update((draft) => change(draft as TState));
    },
    emit: (eventName, data) => {
      mustRun(`emit of ${eventName}`);
      const given = givenData(`the event ${eventName} has`, data, limits.maxResultBytes);
      owner.stream.write({ type: 'custom', eventName, data: given });
    },
    recordUsage: (name, data) => {
      mustRun(`recordUsage of ${name}`);
      const given = givenData(`the usage ${name} has`, data, limits.maxResultBytes);
      usage.push({ v: 1, kind: 'custom', runId, step, name, data: given, at: clock.now() });
    },
  };
  return { context, usage, end: () => void (hasEnded = true) };
}

/** Where a body stands. */
function placeOf(owner: Owner, { callId, attempts }: CallRecord) {
  const { sessionId, agentType, identity } = owner.session;
  return {
    ...identity,
    sessionId,
    runId: owner.run.runId,
    agentType,
    agentId: sessionId,
    toolCallId: callId,
    dispatchId: dispatchIdOf(owner.session, callId),
    attempt: attempts,
    step: owner.stream.step,
    abortSignal: owner.signal,
  };
}

/** The same for every body of a call, and for no call of another session: also not of one that had the same id before. */
export function dispatchIdOf(session: SessionSnapshot, callId: string): string {
  return `${streamIdOf(session)}:${callId}`;
}
