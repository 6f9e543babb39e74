// Would catch: chunks that are there twice, or numbered twice, because an answer was lost or another writer stood between.
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { resolvePorts, type StreamChunk } from '@helix-agents/core';
import { lossyProxy } from '../../test/lossy-proxy.ts';
import { newId } from '../../test/session-driver.ts';
import { testServer } from '../../test/test-database.ts';
import { createPgAdapter, PostgresStreamManager } from '../index.ts';

const open = testServer();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const fence = { runId: 'run', epoch: 1, attempt: 1 };
const chunk = (delta: string): StreamChunk => {
  const base = { agentId: 'agent', agentType: 'tester', timestamp: 1, runId: 'run', step: 1, attempt: 1 };
  return { ...base, type: 'text_delta', delta };
};

test('the lost answer to a batch: it is there once, and the next one follows it', async () => {
  const database = await open();
  const proxy = await lossyProxy(database.connectionString);
  const pool = new pg.Pool({ connectionString: proxy.connectionString });
  closers.push(
    () => pool.end(),
    () => proxy.close(),
  );
  const manager = new PostgresStreamManager({ port: createPgAdapter(pool), poll: true, prepared: false });
  const streamId = newId('stream');
  const writer = await manager.openWriter(streamId, fence);
  proxy.loseReplyTo('insert into');
  expect(await writer.append(1, [chunk('a'), chunk('b')])).toBe(2);
  expect(proxy.lost).toBe(1);
  expect(await writer.append(2, [chunk('c')])).toBe(3);
  expect((await manager.read(streamId, 0)).chunks.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
});

test('two writers of one fence take turns: every chunk once, no sequence twice', async () => {
  const database = await open();
  const managers = [
    new PostgresStreamManager({ port: database.port }),
    new PostgresStreamManager({ port: database.port }),
  ];
  const streamId = newId('stream');
  const writers = await Promise.all(managers.map((manager) => manager.openWriter(streamId, fence)));
  const batches = Array.from({ length: 30 }, (_, index) => index + 1);
  const answers = await Promise.all(
    writers.flatMap((writer, index) =>
      batches.map(async (batchNo) => writer.append(batchNo, [chunk(`${index} ${batchNo}`)])),
    ),
  );
  expect(new Set(answers).size).toBe(60);
  const { chunks, last } = await managers[0]!.read(streamId, 0);
  expect(last).toBe(60);
  expect(new Set(chunks.map((stored) => (stored.chunk as { delta: string }).delta)).size).toBe(60);
});

test('a stream that is deleted while it is written is gone, also what was on its way', async () => {
  const database = await open();
  const [owner, other] = [database.port, { ...database.port }].map((port) => new PostgresStreamManager({ port }));
  for (let round = 0; round < 30; round += 1) {
    const streamId = newId('stream');
    const writer = await owner!.openWriter(streamId, fence);
    const written = (async () => {
      for (let batchNo = 1; ; batchNo += 1) await writer.append(batchNo, [chunk('x')]);
    })().catch((error: unknown) => error);
    await other!.deleteStream(streamId);
    expect(await written).toMatchObject({ code: 'stream_fenced' });
    expect(await database.query('select position from helix.stream_log where stream_id = $1', [streamId])).toEqual([]);
  }
});

test('a deletion waits for who may have begun to append before it, and removes what they append', async () => {
  const database = await open();
  const writer = await database.pool.connect();
  const streamId = newId('stream');
  const append = vi.fn<() => Promise<void>>(async () => {
    await writer.query(
      `insert into helix.stream_log (scope, stream_id, position, epoch, attempt, writer, batch_no, first_sequence, last_sequence)
      values ('', $1, 2, 1, 1, 1, 1, 1, 0)`,
      [streamId],
    );
    await writer.query('commit');
  });
  const clock = { ...resolvePorts().clock, sleep: append };
  const manager = new PostgresStreamManager({ port: database.port, clock });
  await manager.openWriter(streamId, fence);
  await writer.query('begin; lock table helix.stream_log in row exclusive mode');
  await manager.deleteStream(streamId);
  writer.release();
  expect(append).toHaveBeenCalledOnce();
  expect(await database.query('select position from helix.stream_log where stream_id = $1', [streamId])).toEqual([]);
});

test('a deletion of many streams waits once for who may have begun to append', async () => {
  const database = await open();
  const writer = await database.pool.connect();
  const sessionId = newId('session');
  const ids = Array.from({ length: 3 }, (_, index) => `${sessionId}.${index}`);
  const append = `insert into helix.stream_log (scope, stream_id, position, epoch, attempt, writer, batch_no, first_sequence, last_sequence)
    select '', id, 2, 1, 1, 1, 1, 1, 0 from unnest($1::text[]) id`;
  const begin = 'begin; lock table helix.stream_log in row exclusive mode';
  // Each time that somebody waits, one writer is through, and the next one begins.
  const sleep = vi.fn<() => Promise<void>>(async () => {
    if (sleep.mock.calls.length === 1) await writer.query(append, [ids]);
    await writer.query('commit');
    await writer.query(begin);
  });
  const manager = new PostgresStreamManager({ port: database.port, clock: { ...resolvePorts().clock, sleep } });
  for (const id of ids) await manager.openWriter(id, fence);
  await writer.query(begin);
  await manager.deleteStream(sessionId);
  await writer.query('commit');
  writer.release();
  expect(await database.query('select stream_id from helix.stream_log')).toEqual([]);
  // Once for who was there, and once for who may stand on what that one left.
  expect(sleep).toHaveBeenCalledTimes(2);
});

test('batches of many streams leave in few statements', async () => {
  const database = await open();
  let statements = 0;
  const port = {
    query: (statement: Parameters<typeof database.port.query>[0]) => {
      if (statement.text.includes('stream_log')) statements += 1;
      return database.port.query(statement);
    },
  };
  const manager = new PostgresStreamManager({ port });
  const ids = Array.from({ length: 40 }, () => newId('stream'));
  const writers = await Promise.all(ids.map((id) => manager.openWriter(id, fence)));
  statements = 0;
  await Promise.all(writers.map(async (writer) => writer.append(1, [chunk('x')])));
  expect(statements).toBeLessThan(ids.length / 4);
  for (const id of ids) expect((await manager.read(id, 0)).last).toBe(1);
});

test('a page is found at any place of a long stream, also after a part was trimmed', async () => {
  const database = await open();
  const manager = new PostgresStreamManager({ port: database.port });
  const streamId = newId('stream');
  const writer = await manager.openWriter(streamId, fence);
  for (let batchNo = 1; batchNo <= 60; batchNo += 1) {
    await writer.append(batchNo, [chunk('a'), chunk('b'), chunk('c')].slice(0, 1 + (batchNo % 3)));
  }
  const { last } = await manager.read(streamId, 0);
  await manager.trim(streamId, 41);
  for (let after = 41; after <= last; after += 5) {
    const expected = Array.from({ length: Math.min(7, last - after) }, (_, index) => after + index + 1);
    const page = await manager.read(streamId, after, 7);
    expect(page.chunks.map(({ sequence }) => sequence)).toEqual(expected);
    expect(page).toMatchObject({ last, floor: 41 });
  }
  expect((await manager.read(streamId, 40)).chunks).toEqual([]);
});
