import { enterToContinue, enterToRetry, enterWithMessage, HelixError, type Entry } from '@helix-agents/core';
import type { Chance } from './chance.ts';
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

export interface CallerParts {
  readonly chance: Chance;
  readonly sessionId: string;
  /** Tells who replays the world. */
  say(line: () => string): void;
  /** An entry came to an end that no entry may come to. */
  fails(process: OwnerProcess, error: unknown): void;
}

/** Programs that begin runs in a process: new turns, the same turn again, and the next try of an old one. */
export class Callers {
  readonly #parts: CallerParts;
  #turns = 0;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /** Begins a turn; `again`, one that somebody asked for before. */
  execute(process: OwnerProcess, again = false): void {
    const { chance } = this.#parts;
    if (!again || this.#turns === 0) this.#turns += 1;
    const id = `asked-${again ? chance.between(1, this.#turns) : this.#turns}`;
    const message = { id, parts: [{ type: 'text', text: id }] } as const;
    const entry = { ...this.#entry(process, 'execute'), message, named: true };
    this.#ask(process, `execute ${id}`, () => enterWithMessage(process.host, entry));
  }

  goOn(process: OwnerProcess, kind: 'resume' | 'retry'): void {
    const enter = kind === 'resume' ? enterToContinue : enterToRetry;
    this.#ask(process, kind, () => enter(process.host, this.#entry(process, kind)));
  }

  #entry(process: OwnerProcess, entry: Entry['entry']): Entry {
    return { entry, sessionId: this.#parts.sessionId, agent: process.agent };
  }

  #ask(process: OwnerProcess, what: string, enter: () => Promise<string>): void {
    const parts = this.#parts;
    parts.say(() => `  ${process.name} enters: ${what}`);
    enter().catch((error: unknown) => {
      if (!HelixError.is(error) || !refusals.has(error.code)) parts.fails(process, error);
    });
  }
}
