// Would catch: a turn that begins one record early or late, one that costs as much as its whole session, and one that is held
// whole although tools gave many MiB.
import { charactersOf, type MessageRecord } from '@helix-agents/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transcript } from '../../test/transcript.ts';
import { findTurn, type Turn } from './find-turn.ts';
import type { RecordStore } from './record-pages.ts';
import { splitTurns } from './to-ui-messages.ts';

/** Answers as the contract says, and remembers each answer. */
function storeOf(records: readonly MessageRecord[]) {
  const answers: MessageRecord[][] = [];
  const messagesAfter: RecordStore['messagesAfter'] = async (_, after, limit, most = Infinity) => {
    const page: MessageRecord[] = [];
    for (const record of records.slice(after, after + (limit ?? Infinity)))
      if (charactersOf(page) < most) page.push(record);
    answers.push(page);
    return page;
  };
  return { messagesAfter, answers };
}

async function recordsOf(turn: Turn | null): Promise<MessageRecord[]> {
  const records: MessageRecord[] = [];
  for await (const page of turn?.pages() ?? []) records.push(...page);
  return records;
}

describe('a turn', () => {
  it('is found whole, wherever it ends and however long the turns before it are', async () => {
    const turns = fc.array(fc.nat({ max: 90 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(turns, fc.nat(), async (steps, any) => {
        const records = transcript(steps);
        const upTo = any % (records.length + 1);
        const turn = await findTurn(storeOf(records), { sessionId: 's', upTo });
        const expected = splitTurns(records.slice(0, upTo)).at(-1) ?? [];
        expect(await recordsOf(turn)).toEqual(expected);
        expect(turn?.said ?? []).toEqual(expected.filter(({ role }) => role === 'user'));
      }),
      { numRuns: 200 },
    );
  });

  it('has what was said into it, and is not ended by that', async () => {
    const [question, ...rest] = transcript([20]);
    const more = { ...question!, id: 'more', seq: 0 };
    const records = [question!, ...rest.slice(0, 30), more, ...rest.slice(30)].map((one, at) => ({
      ...one,
      seq: at + 1,
    }));
    const turn = await findTurn(storeOf(records), { sessionId: 's', upTo: records.length });
    expect(turn?.said.map(({ id }) => id)).toEqual(['u0', 'more']);
    expect(await recordsOf(turn)).toEqual(records);
  });

  it('costs the same in a session of many', async () => {
    const records = transcript(Array.from({ length: 500 }, () => 2));
    const store = storeOf(records);
    await recordsOf(await findTurn(store, { sessionId: 's', upTo: records.length }));
    expect(store.answers.map(({ length }) => length)).toEqual([16]);
  });

  it('of which tools gave 60 MiB is read in pages of a few, and not held', async () => {
    const large = 'x'.repeat(1024 * 1024);
    const records = transcript([60], () => large);
    const store = storeOf(records);
    const turn = await findTurn(store, { sessionId: 's', upTo: records.length });
    expect(turn?.said.map(({ id }) => id)).toEqual(['u0']);
    expect(turn?.pages()).not.toBeInstanceOf(Array);
    expect(await recordsOf(turn)).toEqual(records);
    expect(Math.max(...store.answers.map(charactersOf))).toBeLessThan(2 * large.length);
  });
});
