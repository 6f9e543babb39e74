// Would catch: a test that hangs or passes by luck, because time moved past a timer without running what hangs on it.
import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { sequentialIds } from './sequential-ids.ts';

describe('FakeClock', () => {
  it('runs timers in order of time, then of setting, and shows each its own time', async () => {
    const clock = new FakeClock(1_000);
    const seen: string[] = [];
    clock.after(20, () => seen.push(`late ${clock.now()}`));
    clock.after(10, () => seen.push(`first ${clock.now()}`));
    clock.after(10, () => seen.push(`second ${clock.now()}`));
    await clock.advance(20);
    expect(seen).toEqual(['first 1010', 'second 1010', 'late 1020']);
    expect(clock.monotonic()).toBe(20);
  });

  it('runs timers that a callback or an awaiting function set on the way', async () => {
    const clock = new FakeClock();
    let rounds = 0;
    const loop = async () => {
      while (rounds < 5) {
        await clock.sleep(10);
        rounds += 1;
      }
    };
    const done = loop();
    await clock.advance(50);
    await done;
    expect(rounds).toBe(5);
    expect(clock.pending).toBe(0);
  });

  it('never runs a cancelled timer', async () => {
    const clock = new FakeClock();
    let ran = false;
    clock.after(5, () => (ran = true))();
    await clock.advance(10);
    expect(ran).toBe(false);
  });

  it('rejects a sleep with the reason of its signal', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const sleep = clock.sleep(10, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });
});

describe('sequentialIds', () => {
  it('counts each prefix on its own', () => {
    const ids = sequentialIds();
    expect([ids.next('run'), ids.next('call'), ids.next('run')]).toEqual(['run_1', 'call_1', 'run_2']);
  });
});
