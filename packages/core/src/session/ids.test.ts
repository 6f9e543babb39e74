// Would catch: an id that one store takes and another does not, or that says something else where it comes back.
import { expect, it } from 'vitest';
import { checkId, checkUserId } from './ids.ts';

it.each(['a', 'A-z_9', 'x'.repeat(100)])('takes an id of letters, digits, _ and -: %s', (id) => {
  expect(checkId('sessionId', id)).toBe(id);
});

it.each(['', 'x'.repeat(101), 'a b', 'a/b', 'ä', 'a\n', 7, null, undefined])(
  'refuses another, by its name: %j',
  (id) => {
    expect(() => checkId('sessionId', id as string)).toThrow(
      expect.objectContaining({
        code: 'input_invalid',
        message: expect.stringMatching(/^sessionId must be 1 to 100 of/),
      }),
    );
  },
);

it.each(['u', 'auth0|1 & Söhne', 'u'.repeat(1_000)])('takes a user as the application names them: %s', (userId) => {
  expect(checkUserId(userId)).toBe(userId);
});
