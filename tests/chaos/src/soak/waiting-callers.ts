import type { KeptSession, Tell } from './kept-session.ts';
import type { Told } from './worker-messages.ts';

/** What those were told who waited for a run in a worker, for its result or its chunks. */
export class WaitingCallers {
  readonly #told = new Map<string, Extract<Told, { event: string }>[]>();

  readonly hear = (told: Told): void => {
    if (!('event' in told)) return;
    this.#told.set(told.sessionId, [...(this.#told.get(told.sessionId) ?? []), told]);
  };

  judge({ sessionId, runs }: KeptSession, tell: Tell): void {
    for (const told of this.#told.get(sessionId) ?? []) {
      const { event, runId } = told;
      if (event === 'failed') tell(`who waited for ${runId} was told ${told.message}`);
      if (event !== 'result' || told.status.startsWith('suspended')) continue;
      const phase = runs.find((run) => run.runId === runId)?.phase;
      const outcome = phase?.at === 'ended' ? phase.outcome : phase?.at;
      if ((outcome === 'aborted' ? 'failed' : outcome) !== told.status)
        tell(`who waited for ${runId} was told ${told.status}; it is ${outcome}`);
    }
  }
}
