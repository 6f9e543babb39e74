// Would catch: a benchmark that compares rounds of different moments, and a comparison that lets a slower release pass.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Figure } from './benchmark.ts';
import { findRegressions, type Figures } from './compare.ts';
import { costRatio, speedRatio } from './figures.ts';
import { interleave } from './interleave.ts';
import { summary, table, telling, withTable } from './report.ts';
import { percentile } from './statistics.ts';

describe('interleave', () => {
  it('runs the sides in turns and forgets the warm-up', async () => {
    const order: string[] = [];
    const side = (name: string) => async () => order.push(name);
    const rounds = await interleave({ a: side('a'), b: side('b') }, { reps: 2, warmUps: 1 });
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(rounds).toEqual({ a: [3, 5], b: [4, 6] });
  });
});

describe('figures', () => {
  it('takes the median of the ratios pair by pair, so that a slow moment falls on both sides', () => {
    expect(costRatio({ name: 'x' }, [2, 20, 3], [1, 10, 1])).toMatchObject({ median: 2, min: 2, max: 3 });
    expect(speedRatio({ name: 'x' }, [1, 10, 1], [2, 20, 3])).toMatchObject({ median: 2, min: 2, max: 3 });
  });

  it('interpolates percentiles', () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(percentile([1, 2, 3], 0.99)).toBeCloseTo(2.98);
  });
});

const figure = (median: number, target?: Figure['target'], unit: Figure['unit'] = 'times'): Figure => {
  return { name: 'time', median, min: median, max: median, unit, ...(target && { target }) };
};

describe('findRegressions', () => {
  it('names a target that is missed, on either side', () => {
    expect(findRegressions({ a: [figure(1.6, { atMost: 1.5 })] }, {})).toEqual([
      'a: time: 1.600 misses the target ≤ 1.5',
    ]);
    expect(findRegressions({ a: [figure(2.9, { atLeast: 3 })] }, {})).toHaveLength(1);
    expect(findRegressions({ a: [figure(1.5, { atMost: 1.5 }), figure(9)] }, {})).toEqual([]);
  });

  it('names a ratio that is more than a tenth worse than the baseline, though it keeps its target', () => {
    const baseline = { a: [figure(1, { atMost: 2 })] };
    expect(findRegressions({ a: [figure(1.099, { atMost: 2 })] }, baseline)).toEqual([]);
    expect(findRegressions({ a: [figure(1.101, { atMost: 2 })] }, baseline)).toEqual([
      "a: time: 1.101 is 10 % worse than the baseline's 1.000",
    ]);
    expect(findRegressions({ a: [figure(4, { atLeast: 3 })] }, { a: [figure(5, { atLeast: 3 })] })).toHaveLength(1);
  });

  it('does not compare absolute times with another day', () => {
    const baseline = { a: [figure(100, { atMost: 2000 }, 'ms')] };
    expect(findRegressions({ a: [figure(900, { atMost: 2000 }, 'ms')] }, baseline)).toEqual([]);
  });
});

describe('the table', () => {
  const figures = { loop: [figure(1.6, { atMost: 1.5 }), figure(7)] };

  it('marks what was missed, and leaves out what is not judged', () => {
    expect(table(figures, 'judged').split('\n').slice(2)).toEqual(['| loop | time | 1.6× | ≤ 1.5 (missed) |  |']);
    expect(table(figures, 'all').split('\n')).toHaveLength(4);
  });

  it('has no row of most figures in the summary, which names all that are missed', () => {
    const told = { ...figure(1_147, { atMost: 2000 }, 'ms'), name: 'from SIGKILL to the first commit' };
    const other = { ...figure(0.4, { atLeast: 0.5 }), name: 'memory, 1 readers' };
    const lines = summary({
      takeover: [told],
      'stream-fan-out': [other],
      loop: [figure(1.4, { atMost: 1.5 }), figure(7)],
    });
    expect(lines.split('\n').slice(2)).toEqual([
      '| takeover | from SIGKILL to the first commit | 1,147 ms | ≤ 2000 |  |',
      '',
      '2 of 3 figures keep their targets. Missed:',
      '',
      '- memory, 1 readers (stream-fan-out): 0.4×, target ≥ 0.5',
    ]);
    expect(summary({ loop: [figure(1.4, { atMost: 1.5 })] })).toMatch(/1 of 1 figures keep their targets\.$/);
  });

  it('has every figure of the summary where all were measured', () => {
    const text = readFileSync(new URL('../../baseline.json', import.meta.url), 'utf8');
    const { figures: measured } = JSON.parse(text) as { figures: Figures };
    expect(summary(measured).match(/^\| (?!-|Benchmark)/gm)).toHaveLength(telling.size);
  });

  it('replaces what stands between its markers, and nothing where there are none', () => {
    expect(withTable('a <!-- bench:start -->old<!-- bench:end --> b', 'new')).toBe(
      'a <!-- bench:start -->\n\nnew\n\n<!-- bench:end --> b',
    );
    expect(withTable('no markers', 'new')).toBe('no markers');
  });
});
