import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecord } from '@helix-agents/core';
import { Chance } from '@helix-agents/core/testing';
import { RestartablePostgres } from '../restartable-postgres.ts';
import { Adversary, type FaultKind } from './adversary.ts';
import { Crew } from './crew.ts';
import type { KeptSession, Tell } from './kept-session.ts';
import { judgeReader, judgeStream } from './reader-rules.ts';
import { judgeRecords } from './record-rules.ts';
import type { RunReader } from './run-reader.ts';
import { SessionUser } from './session-user.ts';
import { SoakDatabase } from './soak-database.ts';
import { SoakReaders } from './soak-readers.ts';
import { SoakReport } from './soak-report.ts';
import { WaitingCallers } from './waiting-callers.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How a soak is made. */
export interface SoakOptions {
  readonly seed: number;
  /** How long the adversary breaks things. */
  readonly seconds: number;
  /** Empty, and this soak's own. */
  readonly folder: string;
  readonly users: number;
  readonly workers: number;
  /** What is broken. Default: everything. */
  readonly kinds?: readonly FaultKind[];
  /** Longest pause between two faults. */
  readonly pauseMs: number;
  readonly say?: (line: string) => void;
}

/** How long sessions may take to come to their end once nothing is broken any more. */
const restMs = 90_000;
/** A fault is felt for so long: a lease must end, statements time out. */
const aftermathMs = 6_000;
/** What a worker at rest may keep, however long it lived: about thrice of what it begins with. */
const maxHeapBytes = 48 * 2 ** 20;

/**
 * Processes, people and readers on one Postgres, and an adversary. Once it rests every session must come to its end by itself, and
 * what is left is judged.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const report = new SoakReport(options.say ?? (() => {}));
  await using world = await Soak.begin(options, report);
  await world.live();
  await world.rest();
  await world.judge();
  await world.end();
  return report;
}

class Soak {
  readonly #report: SoakReport;
  readonly #options: SoakOptions;
  readonly #postgres: RestartablePostgres;
  readonly #database: SoakDatabase;
  readonly #readers: SoakReaders;
  readonly #crew: Crew;
  readonly #callers: WaitingCallers;
  readonly #users: readonly SessionUser[];
  readonly #adversary: Adversary;
  readonly #chance: Chance;

  private constructor(
    options: SoakOptions,
    report: SoakReport,
    postgres: RestartablePostgres,
    database: SoakDatabase,
    readers: SoakReaders,
  ) {
    this.#options = options;
    this.#report = report;
    this.#postgres = postgres;
    this.#database = database;
    this.#readers = readers;
    this.#chance = new Chance(options.seed);
    const { connectionString } = postgres;
    this.#callers = new WaitingCallers();
    this.#crew = new Crew({
      connectionString,
      folder: options.folder,
      size: options.workers,
      report,
      told: this.#callers.hear,
    });
    const began = (sessionId: string, runId: string) =>
      readers.follow({ sessionId, runId }, () => database.startOf(sessionId, runId));
    const load = (sessionId: string) => database.store.load(sessionId);
    this.#users = Array.from(
      { length: options.users },
      (_, name) => new SessionUser(name, this.#chance.fork(), { crew: this.#crew, report, load, began }),
    );
    this.#adversary = new Adversary({
      chance: this.#chance.fork(),
      crew: this.#crew,
      postgres,
      readers: readers.network,
      report,
    });
  }

  static async begin(options: SoakOptions, report: SoakReport): Promise<Soak> {
    const { folder } = options;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'effects'), '');
    const postgres = await RestartablePostgres.start(join(folder, 'data'));
    const database = await SoakDatabase.open(postgres.connectionString);
    const readers = await SoakReaders.open(postgres.connectionString);
    return new Soak(options, report, postgres, database, readers);
  }

  /** People use their sessions while things break. */
  async live(): Promise<void> {
    const { seconds, pauseMs, kinds } = this.#options;
    await this.#crew.start();
    const using = this.#users.map((user) => user.use());
    await this.#adversary.run(Date.now() + seconds * 1_000, pauseMs, kinds);
    for (const user of this.#users) user.beDone();
    await Promise.all(using);
  }

  /** Nobody helps, but for a run that waits for a person. */
  async rest(): Promise<void> {
    this.#report.say('the adversary rests');
    const until = Date.now() + restMs;
    for (let open = await this.#open(); open.length > 0; open = await this.#open()) {
      if (Date.now() > until)
        return open.forEach(({ sessionId, run }) =>
          this.#report.fault(`${sessionId} has no end: ${JSON.stringify(run)}`),
        );
      for (const { agent, sessionId, run } of open) {
        if (run.phase.at !== 'parked' || run.phase.on.length === 0) continue;
        this.#report.count('waited for a person');
        await this.#crew.any(this.#chance)?.ask({ op: 'resume', agent, sessionId });
      }
      await sleep(300);
    }
  }

  async judge(): Promise<void> {
    const readers = await this.#readers.done();
    const bodies = this.#bodies();
    for (const user of this.#users) {
      for (const sessionId of user.sessionIds) {
        const tell: Tell = (line) => this.#report.fault(`${sessionId}: ${line}`);
        if (user.deleted.has(sessionId)) await this.#judgeDeleted(sessionId, tell);
        else await this.#judgeSession(sessionId, user, readers, bodies, tell);
      }
    }
  }

  /** Ends what is left; nothing of it may stay in the database. */
  async end(): Promise<void> {
    const { workers } = this.#crew;
    // Connections whose ends do not know that they are dead are nobody's fault.
    for (const { network } of workers) network.endSilenced();
    await sleep(500);
    const locks = await this.#database.locks();
    if (locks > workers.length) this.#report.fault(`${workers.length} workers hold ${locks} locks`);
    await Promise.all(workers.map((worker) => this.#judgeMemory(worker)));
    for (const worker of workers)
      if (!(await this.#crew.close(worker))) this.#report.fault(`${worker.name} does not close`);
    await this.#readers.close();
    await sleep(500);
    if ((await this.#database.locks()) > 0) this.#report.fault('a lock is left behind');
    const connections = await this.#database.foreignConnections();
    if (connections > 0) this.#report.fault(`${connections} connections are left behind`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#crew.killAll();
    await this.#database.close();
    await this.#postgres.stop();
  }

  async #judgeMemory(worker: WorkerProcess): Promise<void> {
    const answer = await worker.ask({ op: 'memory' });
    const bytes = answer.at === 'done' ? Number(answer.value) : NaN;
    this.#report.say(`${worker.name} keeps ${(bytes / 2 ** 20).toFixed(1)} MiB`);
    if (!(bytes < maxHeapBytes)) this.#report.fault(`${worker.name} keeps ${bytes} bytes`);
  }

  async #open() {
    const all = this.#users.flatMap(({ sessionIds, agent }) => sessionIds.map((sessionId) => ({ sessionId, agent })));
    const runs = all.map(async (one) => ({ ...one, run: (await this.#database.store.load(one.sessionId))?.run }));
    const known = await Promise.all(runs);
    return known.flatMap(({ run, ...one }) => (run && run.phase.at !== 'ended' ? [{ ...one, run }] : []));
  }

  async #judgeSession(
    sessionId: string,
    { said }: SessionUser,
    readers: readonly RunReader[],
    bodies: ReadonlyMap<string, number>,
    tell: Tell,
  ): Promise<void> {
    const own = said.filter((one) => one.sessionId === sessionId);
    const kept = await this.#database.kept(sessionId);
    if (!kept) return own.some(({ fate }) => fate === 'acknowledged') ? tell('is gone') : undefined;
    this.#count(kept);
    judgeRecords(kept, own, bodies, tell);
    judgeStream(kept, tell);
    const isWhole = (run: RunRecord) => this.#isWhole(run);
    for (const reader of readers) if (reader.sessionId === sessionId) judgeReader(reader, kept, isWhole, tell);
    this.#callers.judge(kept, tell);
  }

  async #judgeDeleted(sessionId: string, tell: Tell): Promise<void> {
    const left = await this.#database.leftOf(sessionId);
    if (left.length > 0) tell(`was deleted, and left ${left.join(', ')}`);
  }

  /** Whether nothing was broken while the run went on. */
  #isWhole({ startedAt, phase }: RunRecord): boolean {
    const endedAt = phase.at === 'ended' ? phase.endedAt : Infinity;
    const isWhole = this.#adversary.faults.every(({ from, to }) => to + aftermathMs < startedAt || from > endedAt);
    if (isWhole) this.#report.count('undisturbed runs');
    return isWhole;
  }

  /** How often a body of each call began, over all processes. */
  #bodies(): Map<string, number> {
    const bodies = new Map<string, number>();
    for (const line of readFileSync(join(this.#options.folder, 'effects'), 'utf8').split('\n'))
      bodies.set(line, (bodies.get(line) ?? 0) + 1);
    return bodies;
  }

  #count({ runs, messages, log }: KeptSession): void {
    this.#report.count('sessions');
    this.#report.count('commits', log.length);
    this.#report.count('messages', messages.length);
    for (const { phase } of runs) this.#report.count(`runs ${phase.at === 'ended' ? phase.outcome : phase.at}`);
  }
}
