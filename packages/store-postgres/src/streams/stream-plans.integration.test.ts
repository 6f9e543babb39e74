// Would catch: a deletion of one stream for which the database reads all streams.
import { expect, test } from 'vitest';
import { genericPlan } from '../../test/generic-plan.ts';
import { newId } from '../../test/session-driver.ts';
import { testServer } from '../../test/test-database.ts';
import { PostgresStreamManager, type PostgresPort, type PostgresStatement } from '../index.ts';

const open = testServer();

test('the streams of a session are found by their key', async () => {
  const database = await open();
  const sent = new Map<string | undefined, PostgresStatement>();
  const port: PostgresPort = {
    query: (statement) => (sent.set(statement.name, statement), database.port.query(statement)),
  };
  await new PostgresStreamManager({ port }).deleteStream(newId('session'));
  const plan = await genericPlan(database, sent.get('helix.delete_stream')!.text, { seqScans: false });
  expect(plan).not.toContain('Seq Scan on stream');
  expect(plan.match(/Index Cond: .*stream_id > /g)).toHaveLength(2);
  expect(plan.match(/Index Cond: .*stream_id = /g)).toHaveLength(2);
});
