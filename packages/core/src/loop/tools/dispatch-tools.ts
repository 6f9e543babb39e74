import { andThen } from '../../and-then.ts';
import { finishToolName } from '../../agent/tool.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { isFinal, type CallChange, type CallRecord } from '../../session/call.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { UsageEntry } from '../../session/usage.ts';
import type { Draft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';
import { EarlySettler } from './early-settler.ts';
import { finishState } from './plan-calls.ts';
import { stateForCalls } from './merge-calls.ts';
import { runTool, unprepared, type ToolBase, type ToolRun } from './run-tool.ts';

/** The calls of the open step. */
function openCalls({ step }: SessionSnapshot): readonly CallRecord[] {
  return step?.at === 'calls' ? step.calls : [];
}

/** Those of them that are meant. */
export function chosenCalls(session: SessionSnapshot, callIds: readonly string[]): readonly CallRecord[] {
  return openCalls(session).filter(({ callId }) => callIds.includes(callId));
}

/** What a commit writes before these bodies may start. */
export function claim(session: SessionSnapshot, callIds: readonly string[]): Draft {
  const { epoch } = session;
  const calls = chosenCalls(session, callIds);
  return {
    calls: calls.map(({ callId, attempts }) => ({ callId, state: { at: 'sent', attempt: attempts + 1, epoch } })),
  };
}

/** Whether these calls are sent by this owner: a commit says that their bodies may run. */
export function isClaimed(session: SessionSnapshot, callIds: readonly string[]): boolean {
  const { epoch } = session;
  return chosenCalls(session, callIds).every(({ state }) => state.at === 'sent' && state.epoch === epoch);
}

/** Runs the bodies of calls that are sent, side by side. What they came to rides in the next commit. */
export async function dispatchTools(owner: Owner, callIds: readonly string[]): Promise<Draft> {
  const chosen = chosenCalls(owner.session, callIds);
  const found = baseOf(owner, openCalls(owner.session));
  const base = found instanceof Promise ? await found : found;
  const early = new EarlySettler(owner, chosen.length);
  const bodies = chosen.map(async (call): Promise<Ended> => {
    const { state, usage } = HelixError.is(base) ? notBegun(owner, call, base) : await runTool(owner, call, base);
    const change = { callId: call.callId, state };
    owner.stream.announce({ ...call, state });
    early.settled(change, usage);
    return { change, usage };
  });
  try {
    const ended = await Promise.all(bodies);
    const usage = ended.flatMap((one) => one.usage);
    return { calls: ended.map(({ change }) => change), ...(usage.length > 0 && { usage }) };
  } finally {
    early.end();
  }
}

/** What bodies that start now build on; the error of a reducer that cannot say it, and breaks the run when the step closes. */
function baseOf(owner: Owner, calls: readonly CallRecord[]): ToolBase | HelixError | Promise<ToolBase | HelixError> {
  const failed = (thrown: unknown) => HelixError.from(thrown, 'framework_reducer_failed');
  const after = calls.filter((call) => isFinal(call.state)).length;
  try {
    const base = andThen(stateForCalls(owner, calls, owner.session.state), (state) => ({ state, after }));
    return base instanceof Promise ? base.catch(failed) : base;
  } catch (thrown) {
    return failed(thrown);
  }
}

function notBegun(owner: Owner, call: CallRecord, error: HelixError): ToolRun {
  return { state: unprepared(owner, call, error), usage: [] };
}

interface Ended {
  readonly change: CallChange;
  readonly usage: readonly UsageEntry[];
}

/** Whether a dispatch has no effect outside the record: the built-in finish alone. */
export function isBuiltIn(session: SessionSnapshot, callIds: readonly string[]): boolean {
  return chosenCalls(session, callIds).every(({ toolName }) => toolName === finishToolName);
}

/** The built-in finish gives its arguments. */
export async function settleFinish(owner: Owner, session: SessionSnapshot, callIds: readonly string[]): Promise<Draft> {
  const chosen = chosenCalls(session, callIds);
  const calls = chosen.map(async (call) => ({ callId: call.callId, state: await finishState(owner, call) }));
  return { calls: await Promise.all(calls) };
}
