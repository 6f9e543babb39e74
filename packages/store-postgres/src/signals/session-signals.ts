import type { Signals } from '@helix-agents/core';
import type { Notifier } from './notifier.ts';
import { ScopedSignals } from './scoped-signals.ts';

/** Signals of the sessions of a scope. */
export class SessionSignals implements Signals {
  readonly #sessions: ScopedSignals;
  readonly #due: ScopedSignals;

  constructor(notifier: Notifier, scope: string) {
    this.#sessions = new ScopedSignals(notifier, 'session', scope);
    this.#due = new ScopedSignals(notifier, 'due', scope);
  }

  notify(sessionId: string): void {
    this.#sessions.touch(sessionId);
  }

  watch(sessionId: string, listener: () => void): () => void {
    return this.#sessions.watch(sessionId, listener);
  }

  notifyDue(): void {
    this.#due.touch('');
  }

  watchDue(listener: () => void): () => void {
    return this.#due.watch('', listener);
  }

  close(): void {
    this.#sessions.close();
    this.#due.close();
  }
}
