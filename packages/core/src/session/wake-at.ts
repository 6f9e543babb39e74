import { answersWait } from './answers-wait.ts';
import type { InboxEntry } from './inbox.ts';
import type { SessionSnapshot } from './snapshot.ts';
import type { WaitRecord } from './wait.ts';

/**
 * The earliest moment at which something must happen in a session unasked: 0 for at once, null for never. Who owns a running
 * session is the leases' business.
 */
export function wakeAtOf(session: SessionSnapshot): number | null {
  const { run, waits, step } = session;
  if (!run || run.phase.at === 'ended') return null;
  if (run.phase.at === 'queued') return 0;
  const { phase } = run;
  if (phase.at === 'parked')
    return wakeOfParked(
      session,
      waits.filter(({ waitId }) => phase.on.includes(waitId)),
    );
  const times = deadlines(waits);
  if (step?.at === 'failed' && step.retryAt !== null) times.push(step.retryAt);
  return earliest(times);
}

/** Only what lets the run go on wakes it: whatever else is unread waits with it, or it would be taken up and parked for ever. */
function wakeOfParked({ unread, generation, run }: SessionSnapshot, on: readonly WaitRecord[]): number | null {
  const goesOn = ({ item }: InboxEntry) => {
    if (item.kind === 'stop') return item.runId === run?.runId;
    return on.some((wait) => answersWait(item, wait, generation));
  };
  return unread.some(goesOn) ? 0 : earliest(deadlines(on));
}

function deadlines(waits: readonly WaitRecord[]): number[] {
  return waits.flatMap(({ deadline }) => deadline ?? []);
}

function earliest(times: readonly number[]): number | null {
  return times.length > 0 ? Math.min(...times) : null;
}
