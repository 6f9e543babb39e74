// Would catch: a session that nobody can load because a call of its open step was written before such rows had a version.
import { expect, test } from 'vitest';
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
