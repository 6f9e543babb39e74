import type { InboxItem, SessionSnapshot, WaitAnswer, WaitRecord } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { RemoteStore } from '../stores/remote-store.ts';
import type { RemoteStreams } from '../stores/remote-streams.ts';

/** People and other sessions: they answer, stop and write, whenever they like, knowing only what once was so. */
export class Outsiders {
  readonly #chance: Chance;
  readonly #store: RemoteStore;
  readonly #streams: RemoteStreams;
  readonly #sessionId: string;
  /** Waits that were ever seen: some are answered late, or twice. */
  readonly #seen = new Map<string, WaitRecord>();
  readonly #runs = new Set<string>();
  #messages = 0;

  constructor(chance: Chance, store: RemoteStore, streams: RemoteStreams, sessionId: string) {
    this.#chance = chance;
    this.#store = store;
    this.#streams = streams;
    this.#sessionId = sessionId;
  }

  see({ waits, run }: SessionSnapshot): void {
    for (const wait of waits) this.#seen.set(wait.waitId, wait);
    if (run) this.#runs.add(run.runId);
  }

  stop(stop: 'interrupt' | 'abort'): void {
    if (this.#runs.size === 0) return;
    const runs = [...this.#runs];
    const runId = this.#chance.happens(0.8) ? runs.at(-1)! : this.#chance.pick(runs);
    this.#deliver({ kind: 'stop', runId, stop, at: 0 });
  }

  message(): void {
    if (!this.#chance.happens(0.2)) this.#messages += 1;
    const messageId = `said-${this.#messages}`;
    this.#deliver({ kind: 'message', messageId, parts: [{ type: 'text', text: messageId }], at: 0 });
  }

  answer(): void {
    if (this.#seen.size === 0) return;
    const waits = [...this.#seen.values()];
    const wait = this.#chance.happens(0.7) ? waits.at(-1)! : this.#chance.pick(waits);
    const generation = this.#chance.happens(0.05) ? wait.generation + 1 : wait.generation;
    this.#answer({ ...wait, generation });
  }

  /** Deletes the session, and then what was streamed of it; asks again for what was lost. */
  delete(): void {
    const surely = <T>(ask: () => Promise<T>): Promise<T> => ask().catch(() => surely(ask));
    const deleteStream = (streamId: string | null) =>
      streamId === null ? undefined : surely(() => this.#streams.deleteStream(streamId));
    void surely(() => this.#store.deleteSession(this.#sessionId)).then(deleteStream);
  }

  /** Answers everything that a session waits for, so that it can come to its end. */
  answerAll({ waits }: SessionSnapshot): void {
    for (const wait of waits) this.#answer(wait);
  }

  #answer(wait: WaitRecord): void {
    const { waitId, generation } = wait;
    this.#deliver({ kind: 'answer', waitId, generation, answer: this.#answerTo(wait), at: 0 });
  }

  #deliver(item: InboxItem): void {
    this.#store.deliver(this.#sessionId, item).then(
      () => this.#store.signals.notify(this.#sessionId),
      () => {},
    );
  }

  #answerTo({ kind, delegationId = '' }: WaitRecord): WaitAnswer {
    switch (kind) {
      case 'approval':
        return { kind: 'approval-response', approved: this.#chance.happens(0.7), argumentsHash: '' };
      case 'child':
        return { kind: 'child-outcome', delegationId, result: this.#childResult() };
      case 'budget':
        return { kind: 'budget', extraTokens: 1_000_000 };
      case 'operator':
        return { kind: 'continue' };
      default:
        return this.#chance.happens(0.8)
          ? { kind: 'client-tool-result', result: { value: this.#chance.below(9) } }
          : { kind: 'client-tool-error', message: 'no' };
    }
  }

  #childResult(): Extract<WaitAnswer, { kind: 'child-outcome' }>['result'] {
    if (this.#chance.happens(0.7)) return { status: 'completed', output: { value: this.#chance.below(9) } };
    return { status: this.#chance.pick(['failed', 'interrupted', 'lost'] as const), message: 'no' };
  }
}
