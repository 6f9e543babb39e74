// Would catch: data that foreign code was given and can change under the loop's hands.
import { expect, it } from 'vitest';
import { freezeDeep } from './freeze-deep.ts';

it('freezes what is new, to its depth, and answers the same object', () => {
  const made = { old: Object.freeze({ a: 1 }), list: [{ b: 2 }] };
  expect(freezeDeep(made)).toBe(made);
  expect(() => (made.list[0]!.b = 3)).toThrow(TypeError);
  expect(() => made.list.push({ b: 4 })).toThrow(TypeError);
});
