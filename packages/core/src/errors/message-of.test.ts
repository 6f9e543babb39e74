// Would catch: a failure whose message says nothing, and a thrown thing that takes the run with it because it has none.
import { expect, it } from 'vitest';
import { messageOf } from './message-of.ts';

it.each<[string, unknown, string]>([
  ['an error', new TypeError('no luck'), 'no luck'],
  ['a text', 'no luck', 'no luck'],
  ['nothing', undefined, 'undefined'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['what a client of an API rejects with', { code: 42, message: 'no luck' }, 'no luck'],
  ['an object without a message', { code: 42 }, '{"code":42}'],
  ['an object without a prototype', Object.assign(Object.create(null), { code: 42 }), '{"code":42}'],
  ['an error whose message is empty', new RangeError(), 'RangeError'],
  ['attempts to connect, as Node throws them', new AggregateError([new Error('one'), new Error('two')]), 'one; two'],
  ['several errors with a message above them', new AggregateError([new Error('one')], 'all'), 'all'],
])('says what was thrown: %s', (_, thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});

it('throws nothing itself, whatever was thrown', () => {
  const fails = () => {
    throw new Error('evil');
  };
  for (const one of [{ toJSON: fails }, { big: 1n }, Object.defineProperty({}, 'message', { get: fails })])
    expect(messageOf(one)).toBe('something was thrown that cannot be read');
});
