// Would catch: a record that another store could not hold, or that holds what JSON leaves out.
import { describe, expect, it } from 'vitest';
import { adoptJson } from './adopt-json.ts';

describe('adoptJson', () => {
  it('takes what is JSON as it is', () => {
    const given = { inner: { deep: 1 }, list: ['one', null, true] };
    expect(adoptJson(given)).toBe(given);
  });

  it('drops undefined members, as JSON does, and keeps the rest as it is', () => {
    const kept = { deep: [1] };
    const adopted = adoptJson({ a: undefined, kept, list: [{ b: undefined }] });
    expect(JSON.stringify(adopted)).toBe('{"kept":{"deep":[1]},"list":[{}]}');
    expect(Object.keys(adopted)).toEqual(['kept', 'list']);
    expect(adopted.kept).toBe(kept);
    expect(adoptJson([undefined, 1])).toEqual([null, 1]);
    expect(adoptJson(Object.assign([1], { 2: 3 }))).toStrictEqual([1, null, 3]);
  });

  it('keeps a member that is called __proto__ a member', () => {
    const given = { ...(JSON.parse('{"__proto__":{"polluted":true}}') as object), gone: undefined };
    const adopted = adoptJson(given);
    expect(Object.keys(adopted)).toEqual(['__proto__']);
    expect((adopted as { polluted?: boolean }).polluted).toBeUndefined();
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each([[1n], [Number.NaN], [Infinity], [() => 1], [Symbol('s')], [new Date(0)], [new Map()], [cycle], [[cycle]]])(
    'refuses %s',
    (value) => {
      expect(() => adoptJson({ value })).toThrow(expect.objectContaining({ code: 'input_invalid' }));
    },
  );
});
