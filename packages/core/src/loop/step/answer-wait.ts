import { HelixError } from '../../errors/helix-error.ts';
import type { CallState } from '../../session/call.ts';
import type { StopKind } from '../../session/inbox.ts';
import type { ChildRecord, WaitAnswer, WaitRecord } from '../../session/wait.ts';
import type { Draft } from '../owner/draft.ts';
import { failedState } from '../tools/failed-state.ts';

/** What an answer to a wait changes: it opens a call, settles it, or lets the run go on. */
export function answerWait(wait: WaitRecord, answer: WaitAnswer): Draft {
  const closed: Draft = { waits: [{ op: 'close', waitId: wait.waitId, how: 'answered' }] };
  switch (answer.kind) {
    case 'budget':
      return { ...closed, head: { extraTokens: answer.extraTokens } };
    case 'continue':
      return { ...closed, head: { forgiven: true } };
    case 'approval-response':
      return {
        ...closed,
        ...(answer.approved
          ? open(wait)
          : settleCall(wait, { at: 'not-executed', reason: 'denied', ...note(answer.reason) })),
      };
    case 'client-tool-result':
      return { ...closed, ...settleCall(wait, { at: 'settled', result: answer.result }) };
    case 'client-tool-error':
      return { ...closed, ...settleCall(wait, failed(answer.message)) };
    case 'input':
      return { ...closed, ...settleCall(wait, { at: 'settled', result: answer.value }) };
    case 'child-outcome':
      return {
        ...closed,
        ...settleCall(wait, childState(answer)),
        children: [{ op: 'remove', delegationId: answer.delegationId, how: 'settled' }],
      };
  }
}

/** What the end of a wait without an answer changes: the model is told, and goes on. A child is owed a stop. */
export function timeOutWait(wait: WaitRecord, children: readonly ChildRecord[]): Draft {
  const error = new HelixError('wait_timed_out', `nobody answered in time (${wait.kind})`).toDetail();
  const late = children.filter(({ delegationId }) => delegationId === wait.delegationId);
  return {
    waits: [{ op: 'close', waitId: wait.waitId, how: 'timed-out' }],
    ...settleCall(wait, { at: 'failed', error }),
    ...detach(late, 'interrupt'),
  };
}

/** Lets go of children: nothing waits for them any more, and each is owed a stop. */
export function detach(children: readonly ChildRecord[], stop: StopKind): Draft {
  if (children.length === 0) return {};
  return {
    children: children.map(({ delegationId }) => ({ op: 'remove', delegationId, how: 'detached' })),
    outbox: children.map(({ delegationId, childSessionId }) => ({
      v: 1,
      id: `stop-${delegationId}`,
      item: { kind: 'stop-child', childSessionId, delegationId, stop },
    })),
  };
}

function open({ callId }: WaitRecord): Draft {
  return callId === undefined ? {} : { calls: [{ callId, gate: { at: 'open' } }] };
}

function settleCall({ callId }: WaitRecord, state: CallState): Draft {
  return callId === undefined ? {} : { calls: [{ callId, state }] };
}

function childState({ result }: Extract<WaitAnswer, { kind: 'child-outcome' }>): CallState {
  return result.status === 'completed'
    ? { at: 'settled', result: result.output }
    : failed(`the agent ${result.status}: ${result.message}`);
}

function failed(message: string): CallState {
  return failedState(new HelixError('tool_failed', message));
}

function note(reason: string | undefined): { note?: string } {
  return reason === undefined ? {} : { note: reason };
}
