import {
  enterToContinue,
  enterToRetry,
  enterWithMessage,
  HelixError,
  type Entry,
  type RunStart,
} from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { Judge } from '../judges/violation.ts';
import type { OwnerProcess } from './owner-process.ts';

/** Errors with which an entry is refused, or whose asker must ask again. */
const refusals = new Set([
  'state_already_running',
  'state_not_resumable',
  'state_session_not_found',
  'state_concurrency_conflict',
  'state_commit_unknown',
  'state_store_unavailable',
  'state_lease_lost',
]);

/** What is known of the sessions that were, and are, under an id. */
export interface Known {
  /** How many there were. */
  readonly lives: number;
  readonly session: object | null;
  /** The run of the session that is there now which a message made. */
  runOf(key: string): string | undefined;
  /** A run of any of them. */
  run(runId: string): Pick<RunStart, 'key' | 'entry'> | undefined;
}

export interface CallerParts {
  readonly chance: Chance;
  readonly sessionId: string;
  readonly judge: Judge;
  /** What is so, without the delay of a network. */
  readonly known: Known;
  /** Tells who replays the world. */
  readonly say: (line: () => string) => void;
  /** An entry came to an end that no entry may come to. */
  readonly fails: (process: OwnerProcess, error: unknown) => void;
}

/** What somebody asked for, and what was so at that moment. */
interface Asked {
  readonly what: string;
  readonly entry: Entry['entry'];
  readonly key: string | null;
  /** The run that this message made before. */
  readonly made: string | undefined;
  readonly lives: number;
  readonly wasThere: boolean;
}

/** Programs that begin runs in a process: new turns, the same turn again, the next try of an old one; and those who wait for one. */
export class Callers {
  readonly #parts: CallerParts;
  /** Processes in which somebody waits for an answer, once for each who does. */
  readonly #waiting = new Set<{ readonly process: OwnerProcess }>();
  #turns = 0;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /** Begins a turn; `again`, one that somebody asked for before. */
  execute(process: OwnerProcess, again = false): void {
    const { chance, sessionId } = this.#parts;
    if (!again || this.#turns === 0) this.#turns += 1;
    const id = `asked-${again ? chance.between(1, this.#turns) : this.#turns}`;
    const message = { id, parts: [{ type: 'text', text: id }] } as const;
    const entry = { entry: 'execute', sessionId, agent: process.agent, message, named: true } as const;
    this.#ask(process, entry, () => enterWithMessage(process.host, entry));
  }

  goOn(process: OwnerProcess, kind: 'resume' | 'retry'): void {
    const enter = kind === 'resume' ? enterToContinue : enterToRetry;
    const entry = { entry: kind, sessionId: this.#parts.sessionId, agent: process.agent };
    this.#ask(process, entry, () => enter(process.host, entry));
  }

  /** Somebody waits for the session. What cannot be done now is tried again by whoever waits longer. */
  look(process: OwnerProcess): void {
    void process.host.lookAfter(process.agent, this.#parts.sessionId).catch(() => {});
  }

  /** Whether everybody who asked, and whose process lives, has an answer. */
  get areAnswered(): boolean {
    for (const { process } of this.#waiting) if (process.state !== 'dead') return false;
    return true;
  }

  #ask(process: OwnerProcess, { entry, message, sessionId }: Entry, enter: () => Promise<string>): void {
    const { say, known } = this.#parts;
    const key = message?.id ?? null;
    const what = `${entry} ${sessionId} ${key ?? ''}`;
    say(() => `  ${process.name} enters: ${what}`);
    const made = key === null ? undefined : known.runOf(key);
    const asked = { what, entry, key, made, lives: known.lives, wasThere: known.session !== null };
    const waiting = { process };
    this.#waiting.add(waiting);
    const answered = (runId: string) => this.#answered(asked, runId);
    const refused = (error: unknown) => {
      if (HelixError.is(error) && refusals.has(error.code)) this.#refused(asked, error);
      else this.#parts.fails(process, error);
    };
    void enter()
      .then(answered, refused)
      .finally(() => this.#waiting.delete(waiting));
  }

  /** Who is told a run has one, and that of his message. */
  #answered({ what, entry, key }: Asked, runId: string): void {
    const { judge, known } = this.#parts;
    const run = known.run(runId);
    judge.expect('S8', run !== undefined, () => `${what} is answered with the run ${runId}, which there is not`);
    const fits = entry === 'resume' || (key === null ? run?.entry === entry : run?.key === key);
    judge.expect('S8', fits, () => `${what} is answered with the run ${runId}, which is another one's`);
  }

  #refused({ what, made, wasThere, lives }: Asked, { code }: HelixError): void {
    const { judge, known } = this.#parts;
    // Deleted meanwhile: what was so is so no more.
    if (known.lives !== lives) return;
    const running = code === 'state_already_running';
    judge.expect('S8', !running || made === undefined, () => `${what} is refused, and made the run ${made} before`);
    const missing = code === 'state_session_not_found';
    judge.expect('S8', !missing || !wasThere, () => `${what} does not find the session`);
  }
}
