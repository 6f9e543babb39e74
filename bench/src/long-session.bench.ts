import { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { LLMAdapter, LLMGenerateInput, StepResult } from '@helix-agents/core';
import pg from 'pg';
import type { Benchmark, Figure } from './harness/benchmark.ts';
import type { BenchDatabase } from './database/bench-database.ts';
import { bytesOf, kindOf } from './database/counting-port.ts';
import { costRatio } from './harness/figures.ts';
import { timed } from './harness/interleave.ts';
import { InstantModel, loopingAgent } from './workload/looping-agent.ts';
import { Loop } from './workload/loop.ts';

/** Where the early steps lie. */
const start = 20;
/** Steps that a round measures: few, so that the two sessions meet the same moment. */
const window = 5;

/** What a step costs late in a session, beside a step early in one: the two sessions take turns, step by measured step. */
export const longSession: Benchmark = {
  name: 'long-session',
  target:
    'step 1,000 costs at most 1.15 times step 20, also while an old snapshot is open elsewhere; bytes per step stay the same',
  run: async ({ reps, postgres }) => {
    const database = await (await postgres()).database();
    const figures = [
      ...(await measure(database, 200, reps, 'step 200')),
      ...(await measure(database, 1000, reps, 'step 1,000')),
      ...(await withOldSnapshot(database, () => measure(database, 1000, reps, 'step 1,000, old snapshot open'))),
    ];
    await database.close();
    return figures;
  },
};

async function measure(database: BenchDatabase, far: number, reps: number, name: string): Promise<Figure[]> {
  const long = await PausedSession.at(database, far);
  const rounds = { late: [] as number[], early: [] as number[], lateBytes: [] as number[], earlyBytes: [] as number[] };
  for (let rep = -1; rep < 6 * reps; rep += 1) {
    const short = await PausedSession.at(database, start);
    const early = await sample(database, short);
    const late = await sample(database, long);
    await short.finish();
    if (rep < 0) continue;
    rounds.early.push(early.ms);
    rounds.late.push(late.ms);
    rounds.earlyBytes.push(early.bytes);
    rounds.lateBytes.push(late.bytes);
  }
  await long.finish();
  const note = `${Math.round((rounds.lateBytes[0] ?? 0) / window)} beside ${Math.round((rounds.earlyBytes[0] ?? 0) / window)} bytes a step`;
  return [
    costRatio({ name: `${name} beside step 20`, target: { atMost: 1.15 } }, rounds.late, rounds.early),
    costRatio(
      { name: `${name}, bytes beside step 20`, note, target: { atMost: 1.15 } },
      rounds.lateBytes,
      rounds.earlyBytes,
    ),
  ];
}

async function sample(database: BenchDatabase, session: PausedSession): Promise<{ ms: number; bytes: number }> {
  let ms = 0;
  const statements = await database.port.record(async () => {
    ms = await timed(() => session.advance(window));
  });
  return { ms, bytes: bytesOf(statements.filter((statement) => kindOf(statement) === 'commit')) };
}

/** A session that runs so many steps at a time: between them, its model does not answer. */
class PausedSession {
  readonly #gate = new GatedModel();
  readonly #loop: Loop;
  #run: Promise<void> = Promise.resolve();

  private constructor(database: BenchDatabase) {
    this.#loop = new Loop({ store: database.store, streams: new InMemoryStreamManager(), llm: this.#gate });
  }

  static async at(database: BenchDatabase, steps: number): Promise<PausedSession> {
    const session = new PausedSession(database);
    session.#run = session.#loop.run(loopingAgent(Infinity, { finishesWhen: () => session.#gate.over }));
    await session.advance(steps);
    return session;
  }

  advance(steps: number): Promise<void> {
    return this.#gate.allow(steps);
  }

  async finish(): Promise<void> {
    this.#gate.over = true;
    await Promise.all([this.#gate.allow(1), this.#run]);
    await this.#loop.close();
  }
}

/** Answers at once while it may; `allow` resolves when the loop stands at the next call. */
class GatedModel implements LLMAdapter {
  readonly #model = new InstantModel();
  over = false;
  #allowed = 0;
  #open: (() => void) | undefined;
  #arrived: (() => void) | undefined;

  async generateStep(input: LLMGenerateInput): Promise<StepResult> {
    if (this.#allowed === 0) await this.#pause();
    this.#allowed -= 1;
    return this.#model.generateStep(input);
  }

  async allow(steps: number): Promise<void> {
    this.#allowed = steps;
    if (this.over) return this.#open?.();
    const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
    this.#open?.();
    await arrived;
  }

  async #pause(): Promise<void> {
    const opened = new Promise<void>((resolve) => (this.#open = resolve));
    this.#arrived?.();
    await opened;
  }
}

/** As a dump, or a replica that reports back, would keep one: dead rows cannot go while it is open. */
async function withOldSnapshot<T>({ connectionString }: BenchDatabase, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('begin isolation level repeatable read');
  await client.query('select count(*) from floor_log');
  try {
    return await work();
  } finally {
    await client.end();
  }
}
