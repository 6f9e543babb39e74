import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BreakableNetwork } from '../breakable-network.ts';
import type { Ask, Told } from './worker-messages.ts';

/** What came of a question to a worker. `lost`: the worker died, or did not answer in time. */
export type Answer =
  | { readonly at: 'done'; readonly value: unknown }
  | { readonly at: 'failed'; readonly code: string; readonly message: string }
  | { readonly at: 'lost' };

const path = fileURLToPath(new URL('./soak-worker.ts', import.meta.url));
const answerMs = 25_000;

/** A worker of the soak, behind a network of its own. */
export class WorkerProcess {
  readonly name: string;
  readonly network: BreakableNetwork;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly ready: Promise<void>;
  readonly exited: Promise<string>;
  alive = true;
  stopped = false;
  #asked = 0;

  private constructor(name: string, network: BreakableNetwork, child: ChildProcess, told: (told: Told) => void) {
    this.name = name;
    this.network = network;
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    child.on('message', (message: Told) => {
      if ('ready' in message) ready.resolve();
      else if ('id' in message) this.#settle(message);
      else told(message);
    });
    this.exited = new Promise((resolve) =>
      child.once('exit', (code, signal) => {
        this.alive = false;
        ready.resolve();
        for (const answer of this.#waiting.values()) answer({ at: 'lost' });
        void network.close();
        resolve(signal ?? `code ${code}`);
      }),
    );
  }

  static async start(
    name: string,
    of: { readonly connectionString: string; readonly effectsPath: string; readonly logPath: string },
    told: (told: Told) => void,
  ): Promise<WorkerProcess> {
    const network = await BreakableNetwork.to(of.connectionString);
    const args = ['--expose-gc', '--conditions=@helix-agents/source', path, network.connectionString, of.effectsPath];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const log = createWriteStream(of.logPath, { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    return new WorkerProcess(name, network, child, told);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(ask: Pick<Ask, 'op'> & Partial<Ask>): Promise<Answer> {
    if (!this.alive || !this.#child.connected) return { at: 'lost' };
    this.#asked += 1;
    const id = this.#asked;
    const answer = new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => resolve({ at: 'lost' }), answerMs);
      this.#waiting.set(id, (answered) => {
        clearTimeout(timer);
        resolve(answered);
      });
    });
    this.#child.send({ agent: '', sessionId: '', messageId: '', text: '', ...ask, id }, () => {});
    return answer.finally(() => this.#waiting.delete(id));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  pause(): void {
    this.stopped = true;
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.stopped = false;
    this.#child.kill('SIGCONT');
  }

  #settle(told: Extract<Told, { id: number }>): void {
    const { id, ...rest } = told;
    const answer: Answer = rest.ok
      ? { at: 'done', value: rest.value }
      : { at: 'failed', code: rest.code, message: rest.message };
    this.#waiting.get(id)?.(answer);
  }
}
