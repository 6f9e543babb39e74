import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ServerPlan, SupervisorMessage } from './supervisor/supervisor-messages.ts';

/** The owner's end of the supervisor. */
export interface SupervisorProcess {
  /** Resolves with the supervisor's word; `undefined` when it ended without one. */
  readonly answer: Promise<SupervisorMessage | undefined>;
  /** Resolves when the server has ended for any reason and everything that it logged has been read. */
  readonly ended: Promise<void>;
  /** The server goes on without keeping this process alive: a program that has nothing left to do may end. */
  release(): void;
  /** Ends the server. */
  end(): Promise<void>;
}

/** We run from sources and from what is published, and Node before 22.18 takes sources only when told. */
const extension = extname(fileURLToPath(import.meta.url));
const program = fileURLToPath(new URL(`./supervisor-main${extension}`, import.meta.url));
const nodeArguments =
  extension === '.ts' ? ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'] : [];

/** Starts a supervisor in a session of its own, out of reach of our terminal's Ctrl-C and of our NODE_OPTIONS. */
export function startSupervisor(plan: ServerPlan, onLine: (line: string) => void): SupervisorProcess {
  const child = spawn(process.execPath, [...nodeArguments, program], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const log = child.stderr as Socket;
  createInterface({ input: log }).on('line', onLine);
  // The log is held by the server, too, so that its end outlasts a supervisor that was killed. ('close' of the child does not
  // come when we disconnect first.)
  const exited = new Promise<unknown>((resolve) => child.once('exit', resolve).on('error', resolve));
  const logged = new Promise<void>((resolve) => log.once('close', () => resolve()));
  const ended = exited.then(() => logged);
  const answered = new Promise<SupervisorMessage>((resolve) => child.once('message', resolve));
  child.send(plan);
  return {
    answer: Promise.race([answered, ended.then(() => undefined)]),
    ended,
    release: () => {
      for (const handle of [child, log]) handle.unref();
      // Bun's has none.
      (child.channel as { unref?(): void } | null | undefined)?.unref?.();
    },
    end: async () => {
      for (const handle of [child, log]) handle.ref();
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
