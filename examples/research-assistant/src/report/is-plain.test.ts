// Would catch: escape sequences between the words, for whoever has said or shown that they can do nothing with them.
import { expect, test } from 'vitest';
import { isPlain } from './is-plain.ts';

test.each([
  ['who has said nothing', { TERM: 'xterm' }, false],
  ['who wants none', { TERM: 'xterm', NO_COLOR: '1' }, true],
  ['who has left the variable empty', { TERM: 'xterm', NO_COLOR: '' }, false],
  ['whose terminal knows none', { TERM: 'dumb' }, true],
])('colours: %s', (_, env, plain) => {
  expect(isPlain(env)).toBe(plain);
});
