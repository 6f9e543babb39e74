// Would catch: data that one store takes and another refuses, or a look at its depth that overflows the stack.
import { describe, expect, it } from 'vitest';
import { isTooDeep, maxNesting } from './nesting.ts';

const nested = (levels: number): unknown => JSON.parse(`${'{"a":['.repeat(levels)}${']}'.repeat(levels)}`);

describe('isTooDeep', () => {
  it('is false up to the limit, and true beyond it, however far', () => {
    expect(isTooDeep(nested(maxNesting / 2))).toBe(false);
    expect(isTooDeep([nested(maxNesting / 2)])).toBe(true);
    expect(isTooDeep(nested(100_000))).toBe(true);
    expect(isTooDeep('flat')).toBe(false);
  });

  it('is true for a cycle', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(isTooDeep(cycle)).toBe(true);
  });
});
