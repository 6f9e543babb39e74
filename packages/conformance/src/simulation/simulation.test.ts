/** Catches: a seed that does not replay, a world that depends on its neighbours, and a rule that the core breaks. */
import { describe, expect, it } from 'vitest';
import { runSeeds } from './run-seeds.ts';
import { runWorld, runWorlds } from './run-worlds.ts';
import type { World } from './world.ts';

async function traceOf(seed: number): Promise<string> {
  const lines: string[] = [];
  await runWorld(seed, { trace: (line) => lines.push(line) });
  return lines.join('\n');
}

describe('a seed', () => {
  it.each([1, 2, 3, 42, 4711])('%i tells the same story twice', async (seed) => {
    const story = await traceOf(seed);
    expect(story.length).toBeGreaterThan(1_000);
    expect(await traceOf(seed)).toBe(story);
  });

  it('comes to the same end alone and among others', { timeout: 60_000 }, async () => {
    const amongOthers = new Map<number, string>();
    await runWorlds(range(1, 200), (world) => {
      amongOthers.set(world.seed, storyOf(world));
      return true;
    });
    for (const seed of [7, 99, 200]) {
      const world = await runWorld(seed);
      expect(storyOf(world)).toBe(amongOthers.get(seed));
    }
  });
});

describe('the core', () => {
  it('breaks no rule in 2,000 worlds', { timeout: 300_000 }, async () => {
    const { broken, runs } = await runSeeds({ from: 1, step: 1, end: 2_001 });
    expect(broken).toEqual([]);
    expect(runs).toBe(2_000);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function storyOf({ events, stories, coverage }: World): string {
  return JSON.stringify([events, stories.all.map(({ record }) => record.session), coverage.counts]);
}
