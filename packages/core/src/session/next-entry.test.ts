// Would catch: a session that waits for somebody and is said to be running, or one that can be resumed and is said to need a retry.
import { expect, it } from 'vitest';
import { nextEntry, type NextEntry } from './next-entry.ts';
import type { RunOutcome, RunPhase, RunRecord } from './run.ts';

const ended = (outcome: RunOutcome): RunPhase => ({ at: 'ended', outcome, reason: 'stop', endedAt: 1 });

it.each<[RunPhase, NextEntry | null]>([
  [{ at: 'queued' }, null],
  [{ at: 'running', holderId: 'h' }, null],
  [{ at: 'parked', on: ['w'] }, 'resume'],
  [ended('completed'), 'execute'],
  [ended('interrupted'), 'resume'],
  [ended('failed'), 'retry'],
  [ended('aborted'), 'retry'],
])('a run that is %j goes on by %s', (phase, entry) => {
  expect(nextEntry({ phase } as RunRecord)).toBe(entry);
});
