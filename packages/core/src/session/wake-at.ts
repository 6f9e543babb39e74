import type { SessionSnapshot } from './snapshot.ts';

/**
 * The earliest moment at which something must happen in a session unasked: 0 for at once, null for never. Who owns a running
 * session is the leases' business.
 */
export function wakeAtOf(session: SessionSnapshot): number | null {
  const { run, waits, step } = session;
  if (!run || run.phase.at === 'ended') return null;
  if (run.phase.at === 'queued' || (run.phase.at === 'parked' && isCalled(session))) return 0;
  const times = waits.flatMap(({ deadline }) => deadline ?? []);
  if (step?.at === 'failed' && step.retryAt !== null) times.push(step.retryAt);
  return times.length > 0 ? Math.min(...times) : null;
}

/** A parked run goes on for an answer that it waits for, or a stop. Anything else waits with it: to wake for it would be to park again. */
function isCalled({ unread, waits, run, generation }: SessionSnapshot): boolean {
  const open = new Set(waits.map(({ waitId }) => waitId));
  return unread.some(({ item }) => {
    if (item.kind === 'stop') return item.runId === run?.runId;
    return item.kind === 'answer' && item.generation === generation && open.has(item.waitId);
  });
}
