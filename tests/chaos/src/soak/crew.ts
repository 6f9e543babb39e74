import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chance } from '@helix-agents/core/testing';
import { WorkerProcess } from './worker-process.ts';
import type { SoakReport } from './soak-report.ts';
import type { Told } from './worker-messages.ts';

export interface CrewOptions {
  readonly size: number;
  readonly connectionString: string;
  readonly folder: string;
  readonly report: SoakReport;
  readonly told: (told: Told) => void;
}

/** The workers of the soak: as many as there should be, each replaced when it dies. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #workers: WorkerProcess[] = [];
  readonly #ending = new Set<WorkerProcess>();
  #started = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get workers(): readonly WorkerProcess[] {
    return this.#workers.filter(({ alive }) => alive);
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.size }, () => this.add()));
  }

  async add(): Promise<void> {
    const { connectionString, folder, told } = this.#options;
    this.#started += 1;
    const name = `worker-${this.#started}`;
    const of = { connectionString, effectsPath: join(folder, 'effects'), logPath: join(folder, `${name}.log`) };
    const worker = await WorkerProcess.start(name, of, told);
    this.#workers.push(worker);
    void this.#watch(worker, of.logPath);
    await worker.ready;
  }

  /** Nobody ends by itself, nor by anything but what was asked for. */
  async #watch(worker: WorkerProcess, logPath: string): Promise<void> {
    const how = await worker.exited;
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    const asked = this.#ending.has(worker) && (how === 'code 0' || how === 'SIGKILL');
    if (!asked)
      this.#options.report.fault(`${worker.name} ended with ${how}: ${readFileSync(logPath, 'utf8').slice(-3_000)}`);
  }

  async kill(worker: WorkerProcess): Promise<void> {
    this.#ending.add(worker);
    worker.kill();
    await worker.exited;
  }

  /** Ends it as a deploy would; false where it does not end in time. */
  async close(worker: WorkerProcess, withinMs = 20_000): Promise<boolean> {
    this.#ending.add(worker);
    void worker.ask({ op: 'close' });
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve('late'), withinMs);
    const how = await Promise.race([worker.exited, late.promise]);
    clearTimeout(timer);
    if (how === 'late') await this.kill(worker);
    return how === 'code 0';
  }

  any(chance: Chance): WorkerProcess | undefined {
    const { workers } = this;
    return workers.length > 0 ? chance.pick(workers) : undefined;
  }

  async killAll(): Promise<void> {
    await Promise.all(this.workers.map((worker) => this.kill(worker)));
  }
}
