// Would catch: a change that makes a step ask the database more often than twice. Time is for the benchmarks; this is a count.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { BenchPostgres } from './database/bench-postgres.ts';
import type { BenchDatabase } from './database/bench-database.ts';
import { countByKind, kindOf } from './database/counting-port.ts';
import { interleave, timed } from './harness/interleave.ts';
import { Loop } from './workload/loop.ts';
import { recordRun } from './database/record-commits.ts';
import { speakingAgent, SpeakingModel } from './workload/speaking-agent.ts';

let server: BenchPostgres;
let database: BenchDatabase;
beforeAll(async () => {
  server = await BenchPostgres.start();
  database = await server.database();
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describe('statements of a session on Postgres', () => {
  it.each([1, 5, 20])('are one for the entry and two a tool step: %i steps', async (steps) => {
    const loop = new Loop({ store: database.store, streams: new InMemoryStreamManager() });
    const { statements } = await recordRun(database, () => loop.run(steps));
    await loop.close();
    const { commit, read, lease, other, signal } = countByKind(statements);
    expect({ commit, lease, other }).toEqual({ commit: 1 + 2 * steps, lease: 0, other: 0 });
    // Nobody hears an echo of its own beginning or end. Only the end is told to others, and that maybe after the result.
    expect(read).toBe(0);
    expect(signal).toBeLessThanOrEqual(1);
  });

  it('are one for the entry and one for a step without tools', async () => {
    const executor = new JSAgentExecutor(
      database.store,
      new InMemoryStreamManager(),
      new SpeakingModel(3, () => 'word '),
    );
    const speak = async () => (await executor.execute(speakingAgent, 'Speak.')).result();
    const { statements } = await recordRun(database, speak);
    await executor.close();
    expect(countByKind(statements).commit).toBe(2);
  });
});

describe('statements of a process that begins', () => {
  it('are one each for its lease, the session and the stream, before the model is called', async () => {
    const executor = new JSAgentExecutor(database.store, database.streams, new SpeakingModel(3, () => 'word '));
    const statements = await database.port.record(async () => {
      await (await executor.execute(speakingAgent, 'Speak.')).result();
      await executor.close();
    });
    const first = statements.filter((statement) => kindOf(statement) !== 'signal');
    const names = first.slice(0, 3).map(({ name }) => name?.replace(/^\w+\./, ''));
    expect(names).toEqual(['open_locked_holder', 'create_session', 'open_writer']);
  });
});

describe('the benchmark harness', () => {
  it('writes as many rows to the floor as our session makes commits, of the same bytes', async () => {
    const loop = new Loop({ store: database.store, streams: new InMemoryStreamManager() });
    const { commits } = await recordRun(database, () => loop.run(3));
    await loop.close();
    expect(commits).toHaveLength(7);
    expect(commits.every(({ token, body }) => token.startsWith('cmt_') && JSON.parse(body))).toBe(true);
    const floor = () => timed(() => database.floor.run(commits));
    const rounds = await interleave({ one: floor, other: floor }, { reps: 2 });
    expect([...rounds.one, ...rounds.other].every((ms) => ms > 0)).toBe(true);
    expect(await database.walBytes(() => database.floor.run(commits))).toBeGreaterThan(3000);
  });
});
