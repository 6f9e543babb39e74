import { spawn, type ChildProcess, type IOType } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ResearchAnswer } from '../src/agent.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** What the program printed, and how it ended. */
export interface DemoRun {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** The lines of `--json`. */
  readonly events: readonly DemoEvent[];
}

export interface DemoEvent {
  readonly event: string;
  readonly sessionId?: string;
  readonly stepsDone?: number;
  readonly results?: readonly { readonly toolName: string }[];
  readonly message?: string;
  readonly nextStep?: string;
  readonly attempt?: number;
  readonly usage?: { readonly tokens: { readonly total: number } };
  readonly milliseconds?: number;
  readonly result?: { readonly status: string; readonly stepCount: number; readonly output?: ResearchAnswer };
}

/** Starts the program as `npm run demo` does, with an environment of its own; `out` is its standard output. */
export function startDemo(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  out: IOType | number = 'pipe',
): ChildProcess {
  return spawn(process.execPath, ['--conditions=@helix-agents/source', main, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      TMPDIR: process.env['TMPDIR'] ?? '/tmp',
      ...env,
    },
    stdio: ['ignore', out, 'pipe'],
  });
}

export async function runDemo(args: readonly string[], env: Readonly<Record<string, string>>): Promise<DemoRun> {
  return endOf(startDemo(args, env), args.includes('--json'));
}

/** What a program that was started prints from now on, until it ends. */
export async function endOf(child: ChildProcess, json: boolean): Promise<DemoRun> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (err += data.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const lines = json ? out.split('\n').filter(Boolean) : [];
  return { out, err, code, signal, events: lines.map((line) => JSON.parse(line) as DemoEvent) };
}

/** The last event of a kind. */
export function lastEvent({ events }: DemoRun, event: string): DemoEvent | undefined {
  return events.findLast((one) => one.event === event);
}
