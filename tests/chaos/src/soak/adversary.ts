import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Chance } from '@helix-agents/core/testing';
import type { BreakableNetwork } from '../breakable-network.ts';
import type { RestartablePostgres } from '../restartable-postgres.ts';
import type { Crew } from './crew.ts';
import type { SoakReport } from './soak-report.ts';

export interface AdversaryOptions {
  readonly chance: Chance;
  readonly crew: Crew;
  readonly postgres: RestartablePostgres;
  /** The network of those who only read. */
  readonly readers: BreakableNetwork;
  readonly report: SoakReport;
}

/** A fault while it lasts; unix ms. */
export interface Fault {
  readonly what: string;
  readonly from: number;
  to: number;
}

const weights = {
  kill: 5,
  killAll: 1,
  deploy: 2,
  pause: 5,
  pauseThenKill: 1,
  cutOne: 5,
  cutReaders: 2,
  silenceOne: 3,
  terminate: 5,
  crashBackend: 1,
  restartFast: 1,
  restartImmediate: 1,
  rest: 3,
} as const;

/** What can be broken. */
export type FaultKind = keyof typeof weights;

export const faultKinds = Object.keys(weights) as FaultKind[];

/** Breaks one thing after the other, and mends each after a while. */
export class Adversary {
  readonly #of: AdversaryOptions;
  readonly faults: Fault[] = [];

  constructor(options: AdversaryOptions) {
    this.#of = options;
  }

  async run(until: number, pauseMs: number, kinds: readonly FaultKind[] = faultKinds): Promise<void> {
    const { chance, report } = this.#of;
    const bag = kinds.flatMap((kind) => Array.from({ length: weights[kind] }, () => kind));
    const running: Promise<void>[] = [];
    while (Date.now() < until) {
      const kind = chance.pick(bag);
      const fault: Fault = { what: kind, from: Date.now(), to: Infinity };
      if (kind !== 'rest') this.faults.push(fault);
      report.say(kind);
      report.count(`fault ${kind}`);
      const done = this.#do(kind)
        .catch((error: unknown) => this.#didNot(kind, error))
        .finally(() => (fault.to = Date.now()));
      running.push(done);
      // Some come while others last.
      if (chance.happens(0.5) || kind.startsWith('restart')) await done;
      await sleep(chance.between(0, pauseMs));
    }
    await Promise.all(running);
  }

  /** A server that is away cannot be asked whom to cut off; but one that was ended must come back. */
  #didNot(kind: FaultKind, error: unknown): void {
    const { report } = this.#of;
    if (kind.startsWith('restart')) report.fault(`${kind}: ${String(error)}`);
    else report.say(`${kind}: ${String(error)}`);
  }

  async #do(kind: FaultKind): Promise<void> {
    const { chance, crew, postgres, readers } = this.#of;
    const worker = crew.any(chance);
    const ms = chance.happens(0.5) ? chance.between(50, 800) : chance.between(800, 7_000);
    switch (kind) {
      case 'kill':
        if (!worker) return;
        await crew.kill(worker);
        await sleep(chance.between(0, 1_500));
        return crew.add();
      case 'killAll': {
        const victims = crew.workers;
        await Promise.all(victims.map((one) => crew.kill(one)));
        await sleep(chance.between(0, 3_000));
        await Promise.all(victims.map(() => crew.add()));
        return;
      }
      case 'deploy':
        if (!worker || worker.stopped) return;
        await Promise.all([crew.add(), crew.close(worker, 40_000)]);
        return;
      case 'pause':
      case 'pauseThenKill':
        if (!worker || worker.stopped) return;
        worker.pause();
        await sleep(ms);
        if (kind === 'pause') return worker.goOn();
        await crew.kill(worker);
        return crew.add();
      case 'cutOne':
        return breakFor(worker?.network, 'reset', chance.happens(0.5) ? 0 : ms);
      case 'silenceOne':
        return breakFor(worker?.network, 'silent', ms);
      case 'cutReaders':
        return breakFor(readers, chance.pick(['reset', 'silent']), ms);
      case 'terminate':
        return this.#terminate(chance.between(1, 6));
      case 'crashBackend':
        return this.#crashBackend();
      case 'restartFast':
        return postgres.restart('fast');
      case 'restartImmediate':
        return postgres.restart('immediate');
      case 'rest':
        await sleep(ms);
    }
  }

  async #terminate(most: number): Promise<void> {
    await this.#query(`select pg_terminate_backend(pid) from (
      select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
      order by random() limit ${most}) picked`);
  }

  /** The server then ends all connections and recovers by itself. */
  async #crashBackend(): Promise<void> {
    const rows = await this.#query(
      `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by random() limit 1`,
    );
    for (const { pid } of rows) process.kill(pid, 'SIGKILL');
  }

  async #query(text: string): Promise<{ pid: number }[]> {
    const client = new pg.Client({ connectionString: this.#of.postgres.connectionString });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query<{ pid: number }>(text)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function breakFor(network: BreakableNetwork | undefined, how: 'reset' | 'silent', ms: number): Promise<void> {
  if (!network) return;
  network.break(how);
  await sleep(ms);
  network.heal();
}
