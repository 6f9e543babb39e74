// Would catch: a page that shows what it asked for before its user set about something else, one that tells of a failure that
// nobody waits for any more, and one that goes on telling of one that is over.
import { describe, expect, it } from 'vitest';
import { failureOf, isWanted, nextCatchUp, rest, type CatchUp, type CatchUpEvent } from './catch-up.ts';

const [lost, gone] = [new Error('lost'), new Error('gone')];
const looking: CatchUp = { at: 'looking', look: 2, before: null };
const again: CatchUp = { at: 'looking', look: 2, before: lost };
const failed: CatchUp = { at: 'failed', error: lost };

const look: CatchUpEvent = { type: 'look', look: 3 };
const found: CatchUpEvent = { type: 'found', look: 2 };
const late: CatchUpEvent = { type: 'found', look: 1 };
const told: CatchUpEvent = { type: 'failed', look: 2, error: gone, isTold: true };
const quiet: CatchUpEvent = { type: 'failed', look: 2, error: gone, isTold: false };
const tooLate: CatchUpEvent = { type: 'failed', look: 1, error: gone, isTold: true };
const leave: CatchUpEvent = { type: 'leave' };

describe('a page', () => {
  it.each<[string, CatchUp, CatchUpEvent, CatchUp]>([
    ['at rest looks', rest, look, { at: 'looking', look: 3, before: null }],
    ['that looks looks anew', looking, look, { at: 'looking', look: 3, before: null }],
    ['that looks anew still tells what failed', again, look, { at: 'looking', look: 3, before: lost }],
    ['that failed looks, and tells of it meanwhile', failed, look, { at: 'looking', look: 3, before: lost }],
    ['finds what it looks for', looking, found, rest],
    ['finds what it looks for, and what failed is over', again, found, rest],
    ['does not want what an earlier look found', looking, late, looking],
    ['at rest does not want what a look found', rest, found, rest],
    ['that failed does not take what an earlier look found for its mending', failed, found, failed],
    ['fails, and tells', looking, told, { at: 'failed', error: gone }],
    ['fails again, and tells of the last failure', again, told, { at: 'failed', error: gone }],
    ['fails without a word', looking, quiet, rest],
    ['fails again without a word, and tells of what failed before', again, quiet, failed],
    ['does not tell of an earlier look that failed', looking, tooLate, looking],
    ['at rest does not tell of a look that failed', rest, told, rest],
    ['leaves its look', looking, leave, rest],
    ['leaves what failed', failed, leave, rest],
    ['leaves rest for rest', rest, leave, rest],
  ])('%s', (_, now, event, next) => {
    expect(nextCatchUp(now, event)).toEqual(next);
  });

  it('tells of the failure that stands, also while it looks again', () => {
    expect([rest, looking, again, failed].map(failureOf)).toEqual([null, null, lost, lost]);
  });

  it('wants what its last look finds, and nothing else', () => {
    expect([rest, looking, again, failed].map((now) => isWanted(now, 2))).toEqual([false, true, true, false]);
    expect(isWanted(looking, 1)).toBe(false);
  });
});
