import type { Tool, Verification } from '../../agent/tool.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { isFinal, type CallChange, type CallRecord, type CallState } from '../../session/call.ts';
import { stopped } from '../owner/cut.ts';
import type { Draft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';
import { chosenCalls } from './dispatch-tools.ts';
import { failedState, withoutTool } from './failed-state.ts';
import { logFailedTool } from './log-failed-tool.ts';
import { inputOf } from './plan-calls.ts';
import { resultState } from './result-state.ts';
import { dispatchIdOf } from './tool-context.ts';
import { toolUsage } from './tool-usage.ts';

/** What recovery found out: the changes to write, and the calls whose bodies then run again. */
export interface Reconciled {
  readonly draft: Draft;
  readonly again: readonly string[];
}

/**
 * Settles calls whose owner died while their bodies were in flight, as each tool declared. A body runs again only where its tool
 * said that this is safe or that it did not happen, and at most `maxBodies` times.
 */
export async function reconcile(owner: Owner, callIds: readonly string[]): Promise<Reconciled> {
  const lost = chosenCalls(owner.session, callIds);
  const explained = await Promise.all(lost.map(async (call) => ({ call, state: await explain(owner, call) })));
  const ended = explained.filter(({ state }) => isFinal(state));
  for (const { call, state } of ended) {
    if (state.at === 'failed') logFailedTool(owner, call, state.error, HelixError.fromDetail(state.error));
    owner.stream.announce({ ...call, state });
  }
  const calls = explained.map(({ call, state }): CallChange => ({ callId: call.callId, state }));
  // How long a body ran, and what it recorded itself, died with its process.
  const usage = ended.map(({ call, state }) => toolUsage(owner, call, state, 0));
  const sent = explained.flatMap(({ call, state }) => (state.at === 'sent' ? [call.callId] : []));
  return { draft: { calls, ...(usage.length > 0 && { usage }) }, again: sent };
}

async function explain(owner: Owner, call: CallRecord): Promise<CallState> {
  const tool = owner.parts.agent.tools.get(call.toolName);
  if (!tool) return withoutTool(call);
  if (tool.replay === 'never') return unknown('the process was lost while the tool ran');
  if (tool.replay === 'safe') return again(owner, call);
  return fromVerification(owner, tool, call, await verify(owner, tool, tool.replay, call));
}

function fromVerification(
  owner: Owner,
  tool: Tool,
  call: CallRecord,
  found: Verification,
): CallState | Promise<CallState> {
  if (found.status === 'settled') return verified(owner, tool, found.result);
  return found.status === 'not-done'
    ? again(owner, call)
    : unknown('the process was lost while the tool ran, and the tool cannot tell');
}

/** What the outside world tells is held to what the body would have been. */
async function verified(owner: Owner, tool: Tool, result: unknown): Promise<CallState> {
  try {
    const read = Promise.resolve(resultState(owner, tool, result));
    const state = await owner.unlessStopped(read, owner.parts.ports.limits.stopGraceMs);
    return state === stopped ? unknown('the run was stopped while the result of the tool was read') : state;
  } catch (thrown) {
    owner.cut();
    return failedState(HelixError.from(thrown, 'tool_output_invalid'));
  }
}

async function verify(
  owner: Owner,
  tool: Tool,
  replay: Exclude<Tool['replay'], string>,
  call: CallRecord,
): Promise<Verification> {
  const { sessionId, identity } = owner.session;
  const { callId: toolCallId, attempts: attempt } = call;
  try {
    const input = await inputOf(owner, call, tool.inputSchema);
    await owner.untilSafe();
    if (owner.cut() === 'stopped') return { status: 'unknown' };
    owner.reached('verify:before');
    const dispatchId = dispatchIdOf(owner.session, toolCallId);
    const about = { ...identity, sessionId, toolCallId, dispatchId, attempt };
    const asked = Promise.resolve(replay.verify({ ...about, input, abortSignal: owner.signal }));
    const found = await owner.unlessStopped(asked, owner.parts.ports.limits.stopGraceMs);
    if (found === stopped) return { status: 'unknown' };
    owner.reached('verify:after');
    return found;
  } catch (error) {
    owner.cut();
    owner.parts.ports.logger.log('warn', `verify of ${call.toolName} failed`, { sessionId, toolCallId, error });
    return { status: 'unknown' };
  }
}

function again(owner: Owner, { attempts }: CallRecord): CallState {
  const { maxBodies } = owner.parts.ports.limits;
  if (attempts >= maxBodies) return unknown(`the process was lost while the tool ran, ${attempts} times`);
  return { at: 'sent', attempt: attempts + 1, epoch: owner.session.epoch };
}

function unknown(note: string): CallState {
  return { at: 'unknown', note };
}
