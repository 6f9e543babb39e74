import type { SessionSnapshot } from './snapshot.ts';

/**
 * The earliest moment at which something must happen in a session unasked: 0 for at once, null for never. Who owns a running
 * session is the leases' business.
 */
export function wakeAtOf({ run, waits, unread, step }: SessionSnapshot): number | null {
  if (!run || run.phase.at === 'ended') return null;
  if (run.phase.at === 'queued' || (run.phase.at === 'parked' && unread.length > 0)) return 0;
  const times = waits.flatMap(({ deadline }) => deadline ?? []);
  if (step?.at === 'failed' && step.retryAt !== null) times.push(step.retryAt);
  return times.length > 0 ? Math.min(...times) : null;
}
