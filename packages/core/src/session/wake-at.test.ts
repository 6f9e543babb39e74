// Would catch: a session that nobody wakes, or that is woken for ever without anything to do (S14).
import { expect, it } from 'vitest';
import type { InboxItem } from './inbox.ts';
import type { RunPhase } from './run.ts';
import type { SessionSnapshot } from './snapshot.ts';
import { wakeAtOf } from './wake-at.ts';

const parked: RunPhase = { at: 'parked', on: ['w'] };
const running: RunPhase = { at: 'running', holderId: 'h' };
const ended: RunPhase = { at: 'ended', outcome: 'completed', reason: 'reply', endedAt: 1 };
const answer: InboxItem = {
  kind: 'answer',
  waitId: 'w',
  generation: 0,
  answer: { kind: 'input', value: 'yes' },
  at: 1,
};
const unfit: InboxItem = { ...answer, answer: { kind: 'continue' } };

interface Given {
  readonly phase: RunPhase;
  readonly deadlines?: (number | undefined)[];
  readonly unread?: InboxItem[];
  readonly retryAt?: number | null;
}

function snapshot({ phase, deadlines = [undefined], unread = [], retryAt }: Given): SessionSnapshot {
  const waits = deadlines.map((deadline) => ({
    waitId: 'w',
    kind: 'input',
    ...(deadline !== undefined && { deadline }),
  }));
  return {
    run: { runId: 'r', phase },
    waits,
    generation: 0,
    unread: unread.map((item, index) => ({ v: 1, seq: index + 1, item })),
    step: retryAt === undefined ? null : { at: 'failed', retryAt },
  } as unknown as SessionSnapshot;
}

it.each<[string, Given, number | null]>([
  ['a queued run', { phase: { at: 'queued' } }, 0],
  ['a run that ended', { phase: ended, deadlines: [50], unread: [answer], retryAt: 9 }, null],
  ['a parked run without a deadline', { phase: parked }, null],
  ['a parked run with deadlines', { phase: parked, deadlines: [90, undefined, 70] }, 70],
  ['a parked run that has its answer', { phase: parked, deadlines: [70], unread: [answer] }, 0],
  ['a parked run whose answer does not fit', { phase: parked, deadlines: [70], unread: [unfit] }, 70],
  ['a parked run that is stopped', { phase: parked, unread: [{ kind: 'stop', runId: 'r', stop: 'abort', at: 1 }] }, 0],
  ['a step that is tried again', { phase: running, retryAt: 60 }, 60],
  ['a step that is tried again before a deadline', { phase: running, deadlines: [70], retryAt: 60 }, 60],
  ['a step that is not tried again', { phase: running, retryAt: null }, null],
  ['a running run, whose owner reads the inbox', { phase: running, unread: [answer] }, null],
])('%s', (_, given, expected) => {
  expect(wakeAtOf(snapshot(given))).toBe(expected);
});

it('a session without a run is never due', () => {
  expect(wakeAtOf({ ...snapshot({ phase: parked }), run: null })).toBeNull();
});
