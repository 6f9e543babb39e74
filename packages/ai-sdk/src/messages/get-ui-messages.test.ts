// Would catch: a page of the history that cuts a turn, skips or repeats one, or shows what only the model may read.
import { defineAgent, type MessageRecord } from '@helix-agents/core';
import { MockLLMAdapter } from '@helix-agents/core/testing';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { transcript } from '../../test/transcript.ts';
import type { HelixUIMessage } from './helix-ui-message.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { readTurns } from './read-turns.ts';
import { getUIMessages, uiMessagesUpTo } from './get-ui-messages.ts';
import { toUIMessages } from './to-ui-messages.ts';

const storeOf = (records: readonly MessageRecord[]) => ({
  messagesAfter: async (_: string, after: number, limit = Infinity) => records.slice(after, after + limit),
  findEndedRun: async () => null,
});

describe('the history', () => {
  it('read in pages is the whole history, with no turn cut', async () => {
    const turns = fc.array(fc.nat({ max: 90 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(turns, fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
        const records = transcript(steps);
        const stateStore = storeOf(records);
        let pages: unknown[] = [];
        let upTo = records.length;
        for (;;) {
          const page = await uiMessagesUpTo({ stateStore, limit }, { sessionId: 's', run: null, step: null }, upTo);
          expect(page.messages[0]?.role).toBe('user');
          pages = [...page.messages, ...pages];
          if (page.before === null) break;
          upTo = Number(page.before) - 1;
        }
        expect(pages).toEqual(toUIMessages(records));
        expect(JSON.stringify(pages)).not.toContain('for the model');
      }),
      { numRuns: 60 },
    );
  });

  it('in pages that are large has fewer turns in each, and is whole all the same', async () => {
    const large = 'x'.repeat(700_000);
    const records = transcript(Array.from({ length: 24 }, () => 4)).map((record): MessageRecord =>
      record.role === 'assistant' && record.step === 4 ? { ...record, parts: [{ type: 'text', text: large }] } : record,
    );
    let read = 0;
    const stateStore = {
      ...storeOf(records),
      messagesAfter: async (id: string, after: number, limit?: number) => {
        const page = await storeOf(records).messagesAfter(id, after, limit);
        read += page.length;
        return page;
      },
    };
    const pages: HelixUIMessage[][] = [];
    for (let upTo = records.length; upTo > 0;) {
      const { messages, before } = await uiMessagesUpTo(
        { stateStore },
        { sessionId: 's', run: null, step: null },
        upTo,
      );
      pages.unshift(messages);
      upTo = before === null ? 0 : Number(before) - 1;
    }
    expect(pages.map(({ length }) => length / 2)).toEqual([6, 6, 6, 6]);
    expect(pages.flat()).toEqual(toUIMessages(records));
    // No page looked at much of what another one shows.
    expect(read).toBeLessThan(records.length + 3 * 10);
  });

  it('of a session that is not there is none, and so is its snapshot', async () => {
    const stateStore = new InMemoryStateStore();
    const missing = { code: 'state_session_not_found' };
    await expect(getUIMessages({ stateStore, sessionId: 's' })).rejects.toMatchObject(missing);
    await expect(buildSnapshot({ stateStore, sessionId: 's' })).rejects.toMatchObject(missing);
  });

  it('is not read from a cursor that no page gave', async () => {
    const stateStore = new InMemoryStateStore();
    const model = new MockLLMAdapter([{ type: 'text', content: 'Yes.' }]);
    const executor = new JSAgentExecutor(stateStore, new InMemoryStreamManager(), model);
    const agent = defineAgent({ name: 'a', systemPrompt: '' });
    await (await executor.execute(agent, 'Hi', { sessionId: 's' })).result();
    for (const before of ['', '0', '-1', '1.5', 'x', '1'.repeat(16)]) {
      const read = getUIMessages({ stateStore, sessionId: 's', before });
      await expect(read).rejects.toMatchObject({ code: 'input_invalid' });
    }
  });

  it('has texts that follow each other as one, as the live stream has', () => {
    const [user, reply, ...rest] = transcript([1]);
    if (!user || !reply) throw new Error('a turn has both');
    const texts = ['It ', '', 'rains.'].map((text) => ({ type: 'text', text }) as const);
    const shown = toUIMessages([user, { ...reply, parts: [...texts, ...reply.parts.slice(1), ...texts] }, ...rest]);
    const parts = shown[1]?.parts.map((part) => ('text' in part ? part.text : part.type));
    expect(parts).toEqual(['step-start', 'It rains.', 'tool-look', 'It rains.']);
  });

  it('ends with the turn by which it is large, also where more was read at once', async () => {
    const large = 'x'.repeat(2 * 1024 * 1024);
    const records = transcript(Array.from({ length: 6 }, () => 1)).map((record): MessageRecord =>
      record.role === 'assistant' ? { ...record, parts: [{ type: 'text', text: large }] } : record,
    );
    const stateStore = storeOf(records);
    const { messages, before } = await uiMessagesUpTo(
      { stateStore },
      { sessionId: 's', run: null, step: null },
      records.length,
    );
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    // Four records a turn: the fifth of the six begins there.
    expect(before).toBe('17');
  });

  it('of a long session costs no more than its last turns', async () => {
    const records = transcript(Array.from({ length: 500 }, () => 2));
    let read = 0;
    const store = {
      messagesAfter: async (id: string, after: number, limit?: number) => {
        const page = await storeOf(records).messagesAfter(id, after, limit);
        read += page.length;
        return page;
      },
    };
    const range = { sessionId: 's', upTo: records.length };
    const [turn] = (await readTurns(store, { ...range, atLeast: 1, enoughCharacters: Infinity })).slice(-1);
    expect(turn?.[0]?.id).toBe('u499');
    expect(read).toBeLessThan(100);
  });

  it('reads the runs of the turns of its page, and no others', async () => {
    const stateStore = new InMemoryStateStore();
    const model = new MockLLMAdapter(Array.from({ length: 40 }, () => ({ type: 'text' as const, content: 'Yes.' })));
    const executor = new JSAgentExecutor(stateStore, new InMemoryStreamManager(), model);
    const agent = defineAgent({ name: 'a', systemPrompt: '' });
    for (let turn = 0; turn < 40; turn += 1)
      await (await executor.execute(agent, `${turn}?`, { sessionId: 's' })).result();
    const listed = vi.spyOn(stateStore, 'listRuns');
    const found = vi.spyOn(stateStore, 'findEndedRun');
    const { messages, before } = await getUIMessages({ stateStore, sessionId: 's', limit: 2 });
    expect(messages).toHaveLength(4);
    await getUIMessages({ stateStore, sessionId: 's', limit: 3, before: before ?? '' });
    expect({ listed: listed.mock.calls.length, found: found.mock.calls.length }).toEqual({ listed: 0, found: 4 });
  });

  it('costs the same, however often the last turn was tried', async () => {
    const stateStore = new InMemoryStateStore();
    const executor = new JSAgentExecutor(stateStore, new InMemoryStreamManager(), new MockLLMAdapter([]));
    const agent = defineAgent({ name: 'a', systemPrompt: '' });
    await (await executor.execute(agent, 'Well?', { sessionId: 's' })).result();
    for (let again = 0; again < 5; again += 1) await (await executor.retry(agent, 's')).result();
    const found = vi.spyOn(stateStore, 'findEndedRun');
    const { messages } = await getUIMessages({ stateStore, sessionId: 's' });
    expect(messages[1]?.metadata).toHaveProperty('helixFailed');
    expect(found).toHaveBeenCalledTimes(1);
  });

  it('holds what was said into a running turn as a part of its reply', () => {
    const records = transcript([1]);
    const said = { ...records[0]!, id: 'more', seq: 99, parts: [{ type: 'text' as const, text: 'also this' }] };
    const messages = toUIMessages([...records, said]);
    expect(messages).toHaveLength(2);
    expect(messages[1]?.parts.at(-1)).toEqual({
      type: 'steering-message',
      id: 'more',
      parts: [{ type: 'text', text: 'also this' }],
    });
  });
});
