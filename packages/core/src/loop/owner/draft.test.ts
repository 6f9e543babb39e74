// Would catch: a part of a draft that is lost on its way to the record, or to the commit.
import { expect, it } from 'vitest';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { asCommit, asRecord, isEmpty, join, type Draft } from './draft.ts';

const session = { version: 4, epoch: 2, inbox: 7 } as SessionSnapshot;

/** One of everything; what is in it does not matter here. */
const full: Required<Draft> = {
  run: { op: 'park', on: [] },
  head: { extraTokens: 1 },
  messages: [{ v: 1, id: 'm', role: 'user', parts: [], runId: 'r', createdAt: 1 }],
  calls: [{ callId: 'c' }],
  waits: [{ op: 'close', waitId: 'w', how: 'superseded' }],
  children: [],
  outbox: [],
  usage: [{ v: 1, kind: 'custom', runId: 'r', step: 1, name: 'n', data: null, at: 1 }],
  chunks: [{ type: 'step_end' }],
  afterwards: [async () => {}],
};

it('a record and its commit have every part of a draft but what goes elsewhere', () => {
  const { chunks: _, afterwards: __, ...body } = full;
  const record = asRecord(session, full, 't', 9);
  expect(record).toEqual({ ...body, v: 1, token: 't', at: 9, version: 5, epoch: 2 });
  const fence = { as: 'owner', epoch: 2, version: 4 };
  expect(asCommit(session, record, false)).toEqual({ ...body, v: 1, token: 't', at: 9, fence });
  expect(asCommit(session, record, true).fence).toEqual({ ...fence, inbox: 7 });
});

it('joined drafts have the lists of both, in order, and lose nothing', () => {
  const joined = join(full, { messages: full.messages, calls: [{ callId: 'd' }], head: { consumes: [1] } });
  expect(joined).toEqual({
    ...full,
    messages: [...full.messages, ...full.messages],
    calls: [{ callId: 'c' }, { callId: 'd' }],
    head: { extraTokens: 1, consumes: [1] },
  });
  expect(join(full, {})).toEqual(full);
  expect(join({}, full)).toEqual(full);
});

it('a draft is empty where nothing is in it', () => {
  expect(isEmpty({})).toBe(true);
  expect(isEmpty({ calls: [] })).toBe(false);
});
