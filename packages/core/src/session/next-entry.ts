import type { RunRecord } from './run.ts';

/** The entry that goes on after a run: `execute` a new turn, `resume` or `retry` this one; null while it is driven. */
export type NextEntry = 'execute' | 'resume' | 'retry';

/** The one table from how a run stands to the entry that goes on with its session. A message may enter at any time. */
export function nextEntry({ phase }: RunRecord): NextEntry | null {
  if (phase.at === 'parked') return 'resume';
  if (phase.at !== 'ended') return null;
  return afterEnd[phase.outcome];
}

const afterEnd = { completed: 'execute', interrupted: 'resume', failed: 'retry', aborted: 'retry' } as const;
