// Would catch: a session that nobody can load because a call of its open step was written before such rows had a version, and a call
// that an owner settles or sends after another one took its session over.
import { expect, test, vi } from 'vitest';
import { newId, plannedCall, start, writeOn } from '../../test/session-driver.ts';
import { testServer } from '../../test/test-database.ts';
import { PostgresStateStore } from '../index.ts';

const open = testServer();

test('a call that settled by itself is read back, also where its row has no version yet', async () => {
  const database = await open();
  const store = new PostgresStateStore({ port: database.port, poll: true });
  const sessionId = await start(store, { holderId: newId('holder') });
  const reply = { op: 'reply', step: 1, mode: 'normal', attempt: 1, calls: [plannedCall] } as const;
  const sent = { callId: 'c', state: { at: 'sent', attempt: 1, epoch: 1 } } as const;
  await writeOn(store, sessionId, 1, () => ({ head: { step: reply }, calls: [sent] }));
  const settled = { at: 'settled', result: 'done' } as const;
  const claim = { runId: `run-${sessionId}`, epoch: 1 };
  expect(await store.settleCalls(sessionId, claim, [{ callId: 'c', state: settled }])).toEqual(['c']);
  const readAnew = async () =>
    (await new PostgresStateStore({ port: database.port, poll: true }).load(sessionId))?.step;
  expect(await readAnew()).toMatchObject({ calls: [{ state: settled }] });
  await database.query(`update helix.session_calls set settled = (settled::jsonb - 'v')::json where session_id = $1`, [
    sessionId,
  ]);
  expect(await readAnew()).toMatchObject({ calls: [{ state: settled }] });
});

test.each<[string, (store: PostgresStateStore, sessionId: string) => Promise<string[]>]>([
  [
    'settled',
    (store, sessionId) =>
      store.settleCalls(sessionId, { runId: `run-${sessionId}`, epoch: 1 }, [
        { callId: 'c', state: { at: 'settled', result: 'late' } },
      ]),
  ],
  ['sent', (store, sessionId) => store.claimCalls(sessionId, { runId: `run-${sessionId}`, epoch: 1 }, ['d'])],
])('no call is %s by who was taken over since it looked', async (_, move) => {
  const database = await open();
  const [former, next] = Array.from({ length: 2 }, () => new PostgresStateStore({ port: database.port, poll: true }));
  if (!former || !next) throw new Error('there are two');
  const [holderId, nextHolder] = [newId('holder'), newId('holder')];
  for (const id of [holderId, nextHolder]) await former.openHolder({ holderId: id, leaseMs: 30_000 });
  const sessionId = await start(former, { holderId });
  const calls = [plannedCall, { ...plannedCall, callId: 'd' }];
  const sent = { callId: 'c', state: { at: 'sent', attempt: 1, epoch: 1 } } as const;
  const reply = { op: 'reply', step: 1, mode: 'normal', attempt: 1, calls } as const;
  await writeOn(former, sessionId, 1, () => ({ head: { step: reply }, calls: [sent] }));
  const query = database.port.query.bind(database.port);
  const spy = vi.spyOn(database.port, 'query').mockImplementation(async (statement) => {
    if (!/(settle|send)_calls/.test(statement.name ?? '')) return query(statement);
    // Between the look and the write.
    await former.closeHolder(holderId);
    const claim = { holderId: nextHolder, runtime: 'js', token: newId('claim') };
    expect(await next.claim(sessionId, claim)).toMatchObject({ claimed: true });
    return query(statement);
  });
  expect(await move(former, sessionId)).toEqual([]);
  expect(spy.mock.calls.some(([{ name }]) => /(settle|send)_calls/.test(name ?? ''))).toBe(true);
  spy.mockRestore();
  expect((await next.load(sessionId))?.step).toMatchObject({
    calls: [{ state: sent.state }, { state: { at: 'planned' } }],
  });
});
