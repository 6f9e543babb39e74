// Would catch: a value that is over a limit and passes, because its size was only guessed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonBytes, jsonBytesAbove } from './size.ts';

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value) ?? 'null').length;

describe('jsonBytes', () => {
  it('counts every text as its JSON has it, also one that needs no escape', () => {
    const texts = fc.oneof(fc.stringMatching(/^[\w.:-]*$/), fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(texts, (text) => {
        expect(jsonBytes(text)).toBe(bytesOf(text));
      }),
      { numRuns: 2_000 },
    );
    expect(jsonBytes('call_1\n')).toBe(10);
  });
});

describe('jsonBytesAbove', () => {
  it('tells the bytes of exactly those values that have more than allowed', () => {
    const values = fc.anything({ withDate: true, withSparseArray: true, withNullPrototype: true });
    fc.assert(
      fc.property(values, fc.nat({ max: 400 }), (value, allowed) => {
        const bytes = bytesOf(value);
        expect(jsonBytesAbove(allowed, value)).toBe(bytes > allowed ? bytes : null);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['escapes', '\u0000'.repeat(10), 61],
    ['characters of three bytes', '語'.repeat(10), 31],
    ['holes', Array.from({ length: 10 }), 50],
    ['a toJSON that says more than it holds', { toJSON: () => 'x'.repeat(100) }, 101],
    ['names', { ['n'.repeat(100)]: 1 }, 105],
  ])('counts %s', (_, value, allowed) => {
    expect(jsonBytesAbove(allowed, value)).toBe(allowed + 1);
    expect(jsonBytesAbove(allowed + 1, value)).toBeNull();
  });

  it('refuses a cycle, as storing it would', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => jsonBytesAbove(1_000_000, cycle)).toThrow(TypeError);
  });
});
