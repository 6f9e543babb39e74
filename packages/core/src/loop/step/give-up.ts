import { isFinal, type CallRecord } from '../../session/call.ts';
import type { StopKind } from '../../session/inbox.ts';
import type { NotExecutedReason } from '../../session/message.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { Draft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';
import { toolUsage } from '../tools/tool-usage.ts';
import { detach } from './answer-wait.ts';
import { closeStep } from './close-step.ts';

/**
 * Ends everything that is open in a run, so that nothing of it can act or be answered any more: calls that were not sent are not
 * executed, of those that were it is not known what they did, waits are closed, children are owed a stop.
 */
export async function giveUp(
  owner: Owner,
  session: SessionSnapshot,
  reason: NotExecutedReason,
  stop: StopKind,
): Promise<Draft> {
  const { step, waits, children, state } = session;
  const closed =
    step?.at === 'calls'
      ? await closeStep(owner, { ...step, calls: step.calls.map((call) => giveUpCall(owner, call, reason)) }, state)
      : {};
  return {
    ...closed,
    ...(waits.length > 0 && {
      waits: waits.map(({ waitId }) => ({ op: 'close', waitId, how: 'superseded' }) as const),
    }),
    ...detach(children, stop),
  };
}

function giveUpCall(owner: Owner, call: CallRecord, reason: NotExecutedReason): CallRecord {
  if (isFinal(call.state)) return call;
  if (call.state.at === 'planned') return { ...call, state: { at: 'not-executed', reason } };
  const state = { at: 'unknown', note: 'the run ended while the tool ran' } as const;
  return { ...call, state, usage: [toolUsage(owner, call, state, 0)] };
}
