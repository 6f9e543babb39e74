// Would catch: data that a tool gives and the model never sees, a date that is a text once it was stored.
import { describe, expect, it } from 'vitest';
import { findChanged, findLost } from './unfit.ts';

class Row {
  readonly id = 1;
}
const cycle: { self?: unknown } = {};
cycle.self = cycle;

describe('a value that JSON cannot hold', () => {
  it.each<[string, unknown, string]>([
    ['a bigint', 1n, 'a bigint'],
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['NaN', Number.NaN, 'NaN'],
    ['infinity', -Infinity, '-Infinity'],
    ['a map', new Map([[1, 2]]), 'an instance of Map'],
    ['a set', new Set([1]), 'an instance of Set'],
    ['an error', Object.assign(new TypeError('x'), { code: 'y' }), 'an instance of TypeError'],
    ['a promise', Promise.resolve(1), 'an instance of Promise'],
    ['bytes', new Uint8Array(2), 'an instance of Uint8Array'],
    ['bytes of Node, whose toJSON makes a list of numbers', Buffer.from('ab'), 'an instance of Buffer'],
    ['a generator', (function* () {})(), 'an instance of Generator'],
    ['an asynchronous one', (async function* () {})(), 'an instance of AsyncGenerator'],
    ['an object of a class without a name', new (class extends Map {})(), 'an instance of Map'],
  ])('is found, with its place: %s', (_, value, what) => {
    for (const search of [findChanged, findLost]) {
      expect(search(value)).toEqual({ what, path: [] });
      expect(search({ a: [0, { b: value }] })).toEqual({ what, path: ['a', '1', 'b'] });
    }
  });

  it('is found where it holds itself', () => {
    expect(findLost(cycle)).toEqual({ what: 'a cycle', path: ['self'] });
    expect(findChanged([cycle])).toEqual({ what: 'a cycle', path: ['0', 'self'] });
  });

  it.each<[string, unknown, string]>([
    ['a date', new Date(0), 'an instance of Date'],
    ['an object of a class', new Row(), 'an instance of Row'],
    ['a toJSON', { toJSON: () => 1 }, 'a function'],
  ])('and what it would change, where it must come back the same: %s', (_, value, what) => {
    expect(findChanged(value)).toMatchObject({ what });
    expect(findLost(value)).toBeUndefined();
  });

  it('is an invalid date, of which JSON would make null', () => {
    expect(findLost({ at: new Date(Number.NaN) })).toEqual({ what: 'an invalid date', path: ['at'] });
  });

  it('is found in what a toJSON says', () => {
    expect(findLost({ a: { toJSON: () => ({ n: Number.NaN }) } })).toEqual({ what: 'NaN', path: ['a', 'n'] });
  });

  it.each([[undefined], [{ a: undefined, b: [undefined, null] }], [Object.create(null)], [{ deep: [{ n: -0 }] }]])(
    'is not %j',
    (value) => {
      expect([findChanged(value), findLost(value)]).toEqual([undefined, undefined]);
    },
  );
});
