import fc from 'fast-check';
import { isLive, type CallRecord } from '@helix-agents/core';
import {
  callRecord,
  closeParts,
  parkParts,
  replyParts,
  userMessage,
  waitRecord,
  type CommitParts,
} from './commit-parts.ts';
import type { SessionWriter } from './session-writer.ts';

/** What somebody may try next; a try that makes no sense where the session stands is passed over. */
const kinds = [
  'reply',
  'reply with calls',
  'dispatch',
  'settle',
  'close',
  'fail',
  'state',
  'open wait',
  'close wait',
  'add child',
  'remove child',
  'message',
  'consume',
  'stop',
  'park',
  'end',
  'next run',
] as const;

export interface Try {
  readonly kind: (typeof kinds)[number];
  /** Chooses among what is there, and makes names and values. */
  readonly pick: number;
}

/** Histories of a session, as tries; `play` makes them valid. */
export function randomHistory(maxLength: number): fc.Arbitrary<Try[]> {
  const oneTry = fc.record({ kind: fc.constantFrom(...kinds), pick: fc.nat({ max: 9 }) });
  return fc.array(oneTry, { maxLength, size: 'max' });
}

/** Plays one try on a session that was started. Names carry the version and inbox, so that none comes twice. */
export async function play({ kind, pick }: Try, writer: SessionWriter): Promise<void> {
  const { model, runId } = writer;
  if (!model) return;
  const name = `${kind.replaceAll(' ', '-')}-${model.version}-${model.inbox}`;
  if (kind === 'message') await writer.deliver({ kind, messageId: name, parts: [], at: pick });
  else if (kind === 'next run') await writer.start(isLive(model.run) ? { supersedes: superseded(pick) } : {});
  else if (kind === 'dispatch') await writer.dispatch(callsAt(writer, 'planned'));
  else if (kind === 'settle')
    await writer.settle(
      callsAt(writer, 'sent')
        .slice(pick % 2)
        .map(settledWith(pick)),
    );
  else if (kind === 'stop') await writer.deliver({ kind, runId, stop: pick % 2 ? 'abort' : 'interrupt', at: pick });
  else {
    const parts = isLive(model.run) ? partsOf(kind, pick, name, writer) : undefined;
    if (parts) await writer.write(parts, model.inbox);
  }
}

function partsOf(kind: Try['kind'], pick: number, name: string, writer: SessionWriter): CommitParts | undefined {
  const { model, runId } = writer;
  if (!model) return undefined;
  const step = (model.run?.stepCount ?? 0) + 1;
  switch (kind) {
    case 'reply':
      return model.step?.at === 'calls' ? undefined : replyParts(runId, step, [], name);
    case 'reply with calls':
      return model.step?.at === 'calls' ? undefined : replyParts(runId, step, newCalls(name, pick, model.epoch));
    case 'close':
      return model.step?.at === 'calls' ? closeParts(runId, step, allCalls(writer), { pick, by: [name] }) : undefined;
    case 'fail':
      return model.step?.at === 'calls' ? undefined : { head: { step: failedStep(step, pick) } };
    case 'state':
      return stateParts(name, pick);
    case 'open wait':
      return { waits: [{ op: 'open', wait: waitRecord(name, runId, pick % 2 ? 9_000_000_000_000 : undefined) }] };
    case 'close wait':
      return ofOne(model.waits, pick, ({ waitId }) => ({ waits: [{ op: 'close', waitId, how: 'answered' }] }));
    case 'add child':
      return { children: [{ op: 'add', child: childRecord(name) }] };
    case 'remove child':
      return ofOne(model.children, pick, ({ delegationId }) => {
        return { children: [{ op: 'remove', delegationId, how: 'settled' }] };
      });
    case 'consume':
      return ofOne(model.unread, pick, ({ seq }) => {
        return { head: { consumes: [seq] }, messages: [userMessage(name, runId)] };
      });
    case 'park':
      return parkParts([waitRecord(name, runId)]);
    case 'end':
      return { run: { op: 'end', outcome: 'completed', reason: 'finish', output: { pick }, endedAt: pick } };
    default:
      return undefined;
  }
}

function stateParts(name: string, pick: number): CommitParts {
  const value = { text: 'x'.repeat(pick * 40), list: [pick, null, { deep: true }] };
  return {
    head: {
      state: [
        { op: 'replace', path: '/count', value: pick },
        { op: 'add', path: `/entry-${pick}`, value },
        ...(pick === 9 ? [{ op: 'remove', path: '/entry-9' } as const] : []),
      ],
      extraTokens: pick,
    },
    outbox: [{ v: 1, id: name, item: { kind: 'stop-child', childSessionId: name, delegationId: name, stop: 'abort' } }],
    usage: [{ v: 1, kind: 'custom', runId: 'run', step: 1, name: `custom-${pick}`, data: { pick }, at: pick }],
  };
}

function newCalls(name: string, pick: number, epoch: number): CallRecord[] {
  return Array.from({ length: 1 + (pick % 3) }, (_, index) =>
    callRecord(`${name}-${index}`, pick % 2 ? { at: 'planned' } : { at: 'sent', attempt: 1, epoch }),
  );
}

function allCalls({ model }: SessionWriter): string[] {
  return model?.step?.at === 'calls' ? model.step.calls.map(({ callId }) => callId) : [];
}

function callsAt({ model }: SessionWriter, at: CallRecord['state']['at']): string[] {
  const open = model?.step?.at === 'calls' ? model.step.calls : [];
  return open.filter(({ state }) => state.at === at).map(({ callId }) => callId);
}

function settledWith(pick: number) {
  return (callId: string) => ({ callId, state: { at: 'settled', result: { pick } } }) as const;
}

function failedStep(step: number, pick: number) {
  const error = { message: `failed ${pick}`, code: 'provider_error', category: 'provider', retryable: true } as const;
  return {
    op: 'failed',
    step,
    mode: 'normal',
    attempt: 1 + pick,
    error,
    retryAt: pick % 2 ? 5_000 + pick : null,
  } as const;
}

function superseded(pick: number) {
  return { op: 'end', outcome: pick % 2 ? 'aborted' : 'interrupted', reason: 'superseded', endedAt: pick } as const;
}

function childRecord(name: string) {
  const ids = { delegationId: name, callId: `call-${name}`, childSessionId: `child-${name}` };
  return { v: 1, generation: 0, agentType: 'child', ...ids } as const;
}

function ofOne<T>(items: readonly T[], pick: number, make: (item: T) => CommitParts): CommitParts | undefined {
  const item = items[pick % Math.max(1, items.length)];
  return item === undefined ? undefined : make(item);
}
