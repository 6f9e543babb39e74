// Would catch: work that goes on, or is written, after the lease was lost; a wait that nobody ends, or that leaves something behind.
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../testing/fake-clock.ts';
import { Cut, stopped } from './cut.ts';

const lost = { code: 'state_lease_lost' };

describe('a cut', () => {
  it.each([
    ['before a stop', ['lost', 'stop']],
    ['after a stop', ['stop', 'lost']],
  ] as const)('is a lost lease, also where that came %s', (_, causes) => {
    const cut = new Cut('s', new FakeClock());
    expect([cut.check(), cut.ended]).toEqual(['go', false]);
    for (const why of causes) cut.end(why);
    expect(() => cut.check()).toThrow(expect.objectContaining(lost));
    expect([cut.ended, cut.signal.aborted]).toEqual([true, true]);
  });

  it('leaves work behind that does not end in the grace of a stop, and takes what ends in it', async () => {
    const clock = new FakeClock();
    const cut = new Cut('s', clock);
    const slow = cut.unlessStopped(
      clock.sleep(50).then(() => 'done'),
      100,
    );
    const deaf = cut.unlessStopped(new Promise(() => {}), 100);
    const late = clock.sleep(60).then(() => cut.unlessStopped(new Promise(() => {}), 100));
    cut.end('stop');
    await clock.advance(159);
    expect(await Promise.all([slow, deaf])).toEqual(['done', stopped]);
    await clock.advance(1);
    expect(await late).toBe(stopped);
    expect(clock.pending).toBe(0);
  });

  it('of a lost lease rejects whatever is waited for, also what ended in the grace', async () => {
    const clock = new FakeClock();
    const cut = new Cut('s', clock);
    const waits = [clock.sleep(50), new Promise(() => {})].map((work) => cut.unlessStopped(work, 100));
    cut.end('lost');
    const ends = Promise.allSettled(waits);
    await clock.advance(100);
    expect(await ends).toMatchObject([{ reason: lost }, { reason: lost }]);
  });
});
