// Would catch: a record that somebody changes after it was stored, or that another store could not hold.
import { describe, expect, it } from 'vitest';
import { freezeDeep, frozenCopy } from './frozen-copy.ts';

describe('frozenCopy', () => {
  it('shares nothing with what it was given, and cannot be changed at any depth', () => {
    const given = { inner: { deep: 1 }, list: ['one'] };
    const copy = frozenCopy(given);
    expect(copy).toEqual(given);
    expect(() => (copy.inner.deep = 2)).toThrow(TypeError);
    expect(() => copy.list.push('two')).toThrow(TypeError);
    given.inner.deep = 9;
    expect(copy.inner.deep).toBe(1);
  });

  it('copies also what was frozen only at the top', () => {
    const inner = { value: 1 };
    const copy = frozenCopy(Object.freeze({ inner }));
    inner.value = 2;
    expect(copy.inner.value).toBe(1);
  });

  it('drops undefined members, as JSON does', () => {
    expect(Object.keys(frozenCopy({ a: undefined, b: 1 }))).toEqual(['b']);
    expect(frozenCopy([undefined])).toEqual([null]);
  });

  it('keeps a member that is called __proto__ a member', () => {
    const copy = frozenCopy(JSON.parse('{"__proto__":{"polluted":true}}') as object);
    expect(Object.keys(copy)).toEqual(['__proto__']);
    expect((copy as { polluted?: boolean }).polluted).toBeUndefined();
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each([[1n], [Number.NaN], [Infinity], [() => 1], [Symbol('s')], [new Date(0)], [new Map()], [cycle], [[cycle]]])(
    'refuses %s',
    (value) => {
      expect(() => frozenCopy({ value })).toThrow(expect.objectContaining({ code: 'input_invalid' }));
    },
  );
});

describe('freezeDeep', () => {
  it('freezes what is new and answers the same object', () => {
    const made = { old: Object.freeze({ a: 1 }), list: [{ b: 2 }] };
    expect(freezeDeep(made)).toBe(made);
    expect(Object.isFrozen(made.list[0])).toBe(true);
  });
});
