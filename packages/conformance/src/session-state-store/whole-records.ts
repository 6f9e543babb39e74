import { describe, expect, it } from 'vitest';
import { defaultLimits, HelixError, type ErrorDetail, type MessagePart, type NewMessage } from '@helix-agents/core';
import { callRecord, closeParts, replyParts, userMessage, type CommitParts } from '../records/commit-parts.ts';
import { newId } from '../records/new-id.ts';
import { SessionWriter } from '../records/session-writer.ts';
import type { Opened } from './backend.ts';
import { claimsOf, holder } from './claims-of.ts';

const providerMetadata = { provider: { signature: 'x', nested: [1, { two: null }] } };
const error: ErrorDetail = new HelixError('tool_failed', 'no', { details: { status: 404 } }).toDetail();

/** Each kind of part with each of its members, as a reply that a stop cut and its results have them. */
function everyMessage(runId: string): NewMessage[] {
  const call = { toolCallId: 'call', toolName: 'search' } as const;
  const said: MessagePart[] = [
    { type: 'text', text: 'text', providerMetadata },
    { type: 'reasoning', text: 'thought', providerMetadata },
    { type: 'file', mediaType: 'image/png', url: 'data:,', filename: 'a.png', providerMetadata },
    { type: 'source', sourceId: 's1', sourceType: 'url', url: 'https://a.example', title: 'A', providerMetadata },
    { type: 'source', sourceId: 's2', sourceType: 'document', mediaType: 'text/plain', title: 'B', filename: 'b.txt' },
    { type: 'tool-call', ...call, input: { query: 'q' }, providerMetadata },
  ];
  const results: MessagePart[] = [
    { type: 'tool-result', ...call, outcome: { type: 'error', error } },
    { type: 'tool-result', ...call, outcome: { type: 'not-executed', reason: 'denied', note: 'why' } },
    { type: 'tool-result', ...call, outcome: { type: 'unknown', note: 'the process died' } },
  ];
  const by = { v: 1, runId, step: 1, createdAt: 5 } as const;
  return [
    userMessage('user', runId),
    { ...by, id: 'assistant', role: 'assistant', parts: said, interrupted: true },
    { ...by, id: 'tool', role: 'tool', parts: results },
    { ...by, id: 'context', role: 'context', parts: [{ type: 'text', text: 'for the model' }] },
  ];
}

/** A commit with what a loop writes seldom; a store with a column for each thing is easily without one. */
function seldom(runId: string): CommitParts {
  const ids = { callId: 'call', delegationId: 'delegation' };
  const wait = {
    v: 1,
    waitId: 'w',
    kind: 'child',
    generation: 0,
    runId,
    argumentsHash: 'hash',
    deadline: 9e12,
  } as const;
  const child = { v: 1, generation: 0, agentType: 'child', childSessionId: 'child-1' } as const;
  const verdict = { is: 'done', reason: 'finish', output: { text: 'x' }, stopReason: 'other' } as const;
  const tokens = { input: 1, output: 2, total: 9, cachedInput: 3, cacheWrite: 4, reasoning: 5 };
  return {
    head: { streamSequence: 40, streamSure: 30, extraTokens: 7, step: { op: 'close', verdict }, verdictStays: true },
    waits: [{ op: 'open', wait: { ...wait, ...ids } }],
    children: [{ op: 'add', child: { ...child, ...ids } }],
    usage: [{ v: 1, kind: 'tokens', runId, step: 1, attempt: 1, model: 'm', tokens, durationMs: 1, at: 1 }],
    messages: everyMessage(runId),
  };
}

/** What comes out is all that went in. */
export function wholeRecords(opened: Opened): void {
  const { claim, expectClaimed, owned } = claimsOf(opened);

  describe('records', () => {
    it('of a session keep whose it is, what it is about, and its prompt', async () => {
      const { store } = opened();
      const identity = { userId: 'somebody', tags: ['one', 'two'], metadata: { plan: 'pro', '': 'empty' } };
      const writer = new SessionWriter(store);
      const { sessionId, agentType, runtime } = writer;
      const create = { streamId: `${sessionId}.s`, agentType, runtime, state: [1], identity, systemPrompt: 'You are.' };
      await writer.start({}, { head: { create } });
      expect(await store.load(sessionId)).toEqual(writer.model);
      expect(writer.model).toMatchObject(create);
    });

    it('with all that a commit may have are kept whole', async () => {
      const { store } = opened();
      const [former, next] = [await holder(store), await holder(store)];
      const writer = await owned(former);
      await store.closeHolder(former);
      expectClaimed(await claim(writer, next), writer, { holderId: next, takeover: true });
      await writer.write({ head: { forgiven: true } });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      await writer.write(seldom(writer.runId));
      const { sessionId } = writer;
      expect(await store.load(sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(sessionId, 0)).toEqual(writer.messages);
      await writer.write({
        run: { op: 'end', outcome: 'completed', reason: 'reply', stopReason: 'max_tokens', error, endedAt: 9 },
      });
      expect(await store.listRuns(sessionId)).toEqual([writer.model?.run]);
    });

    it('as large as arguments, results and messages may be are kept whole', async () => {
      const { store } = opened();
      const { maxArgumentsBytes, maxResultBytes, maxMessageBytes } = defaultLimits;
      const textOf = (bytes: number) => 'x'.repeat(bytes - 100);
      const writer = await new SessionWriter(store).start();
      const call = { ...callRecord('call', { at: 'sent', attempt: 1, epoch: 1 }), input: textOf(maxArgumentsBytes) };
      const result = textOf(maxResultBytes);
      await writer.write(replyParts(writer.runId, 1, [call]));
      await writer.settle([{ callId: 'call', state: { at: 'settled', result } }]);
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      await writer.write(closeParts(writer.runId, 1, ['call'], result));
      const parts = [{ type: 'text', text: textOf(maxMessageBytes) } as const];
      await writer.deliver({ kind: 'message', messageId: newId('m'), parts, at: 1 });
      expect(await store.load(writer.sessionId)).toEqual(writer.model);
      expect(await store.messagesAfter(writer.sessionId, 0)).toEqual(writer.messages);
    });
  });
}
