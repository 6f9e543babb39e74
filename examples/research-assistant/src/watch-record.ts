import type { SessionSnapshot, SessionStateStore } from '@helix-agents/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress, Report } from './report/report.ts';

/** Shorter than any wait between two attempts. */
const pollMs = 250;

/** What is watched. */
export interface Watched {
  readonly store: SessionStateStore;
  readonly sessionId: string;
  readonly report: Report;
  /** How often a step asks its model at most. */
  readonly attempts: number;
  /** The owner of a run that is alive in another process, by its number; null for a run of this process. */
  readonly followedEpoch: number | null;
}

/** Tells what only the record says: that a model call failed and is made again, and that a run changed hands. Stops when called. */
export function watchRecord(watched: Watched): () => Promise<void> {
  const stop = new AbortController();
  const watching = watch(watched, stop.signal);
  return async () => {
    stop.abort();
    await watching;
  };
}

async function watch(watched: Watched, signal: AbortSignal): Promise<void> {
  const tellers = [retries(watched), takeover(watched)];
  while (!signal.aborted) {
    // A store that does not answer is the business of the run.
    const session = await watched.store.load(watched.sessionId).catch(() => null);
    if (session && !signal.aborted) for (const tell of tellers) tell(session);
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

function retries({ report, attempts }: Watched): (session: SessionSnapshot) => void {
  let told = '';
  return ({ run, step }) => {
    if (step?.at !== 'failed' || step.retryAt === null) return;
    const failed = `${run?.runId} ${step.step} ${step.attempt}`;
    if (failed === told) return;
    told = failed;
    const { code, message: reason } = step.error;
    const waitMs = Math.max(0, step.retryAt - Date.now());
    report.retry({ attempt: step.attempt + 1, of: attempts, waitMs, code, reason });
  };
}

function takeover({ report, followedEpoch }: Watched): (session: SessionSnapshot) => void {
  let epoch = followedEpoch ?? Number.POSITIVE_INFINITY;
  return (session) => {
    if (session.epoch <= epoch || session.run?.phase.at !== 'running') return;
    ({ epoch } = session);
    report.recovered(progressOf(session), []);
  };
}

/** How far the run of a session has come. */
export function progressOf({ sessionId, run }: SessionSnapshot): Progress {
  return { sessionId, stepsDone: run?.stepCount ?? 0 };
}
