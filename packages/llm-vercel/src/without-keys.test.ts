// Would catch: an API key in a log or on a page, and a sentence that is torn because a word in it looked like one.
import { expect, test } from 'vitest';
import { withoutKeys } from './without-keys.ts';

test.each([
  'Incorrect API key provided: sk-proj-abcdefghijkl123.',
  'Unknown token "Bearer abcdefghijkl"',
  'Wrong: Bearer my\nabcdefghijkl',
  'Wrong: Bearer my\r\nabcdefghijkl is not known',
  'Wrong: Bearer \nabcdefghijkl',
  'Wrong: Bearer abcdefghijkl\nhttps://x.test/errors',
  'Wrong: Bearer “abcdefghijkl”',
  "Invalid bearer token: 'abcdefghijkl'",
])('a key in a message does not leave: %j', (text) => {
  expect(withoutKeys(text)).not.toContain('abcdefghijkl');
});

test.each([
  'Missing bearer or basic authentication in header',
  'Use Bearer auth (i.e. Authorization: Bearer KEY). You can obtain a key from https://x.test/account/api-keys.',
  'Bearer authentication is required.',
  'Invalid bearer token provided: see https://x.test/errors',
  'Invalid bearer token https://x.test/errors',
])('what is no key stays: %j', (text) => {
  expect(withoutKeys(text)).toBe(text);
});

test('what follows a key stays', () => {
  const text = 'Bearer abcdefghijkl is unknown, get a key at https://x.test/keys';
  expect(withoutKeys(text)).toBe('Bearer … is unknown, get a key at https://x.test/keys');
});
