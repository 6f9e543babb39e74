// Would catch: ids that collide, do not sort, or are no UUID.
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { resolvePorts } from './default-ports.ts';
import { uuidIds } from './uuid-ids.ts';

describe('uuidIds', () => {
  const { random } = resolvePorts();

  it('are a prefix and a UUIDv7', () => {
    const id = uuidIds({ now: () => 0x0123456789ab }, random).next('run');
    expect(id).toMatch(/^run_01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sort by the time at which they were made', async () => {
    const clock = new FakeClock();
    const ids = uuidIds(clock, random);
    const made: string[] = [];
    for (let count = 0; count < 50; count += 1) {
      made.push(ids.next('x'));
      await clock.advance(1);
    }
    expect(made.toSorted()).toEqual(made);
  });

  it('do not repeat within a moment, and each is whole', () => {
    const ids = uuidIds({ now: () => 1 }, random);
    const made = Array.from({ length: 5_000 }, () => ids.next('x'));
    expect(new Set(made).size).toBe(5_000);
    expect(
      made.filter((id) => !/^x_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toEqual([]);
  });
});
