// Would catch: a fast way to JSON data that differs from the text's way, or that shares an object with what it was given.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJson } from './json.ts';

/** What a user's tool may return: JSON, and everything near it. */
const anything = fc.anything({
  withDate: true,
  withMap: true,
  withSparseArray: true,
  withTypedArray: true,
  withNullPrototype: true,
  withObjectString: true,
  withBoxedValues: true,
});

/** The definition: what the text of a value says. */
function throughText(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

describe('toJson', () => {
  it('gives what the text of a value gives, for any value', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(toJson(value)).toStrictEqual(throughText(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a member with a toJSON', { at: { toJSON: () => 'then' } }],
    ['negative zero', { list: [-0] }],
    ['infinity and NaN', [Infinity, Number.NaN]],
    ['members that are symbols', { [Symbol('s')]: 1, kept: 2 }],
    ['a hole', Object.assign([1], { 3: 2, length: 5 })],
    ['a lone surrogate', 'a\ud800'],
  ])('gives what the text gives for %s', (_, value) => {
    expect(toJson(value)).toStrictEqual(throughText(value));
  });

  it('keeps a member that is called __proto__ a member', () => {
    const value = toJson(JSON.parse('{"__proto__":{"polluted":{"deep":1}}}')) as { polluted?: unknown };
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value.polluted).toBeUndefined();
  });

  it('shares nothing with what it was given', () => {
    const given = { list: [{ deep: 1 }] };
    const copy = toJson(given) as typeof given;
    given.list[0]!.deep = 2;
    expect(copy).toEqual({ list: [{ deep: 1 }] });
  });

  it('copies what is nested deeper than most data', () => {
    const deep = Array.from({ length: 300 }).reduce<unknown>((inner) => ({ inner }), 'bottom');
    expect(toJson(deep)).toEqual(deep);
  });

  it('refuses what JSON cannot hold', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => toJson(cycle)).toThrow(TypeError);
    expect(() => toJson({ big: 1n })).toThrow(TypeError);
  });
});
