// Would catch: an older server that is asked for what it does not know, so that the stores cannot be tested on it.
import { expect, test } from 'vitest';
import { initdbArguments } from './initdb-arguments.ts';

test('Unicode’s letters are asked of servers that have them', () => {
  expect(initdbArguments('18')).toContain('--locale-provider=builtin');
  expect(initdbArguments('16')).not.toContain('--locale-provider=builtin');
  for (const major of ['14', '18']) expect(initdbArguments(major)).toContain('--locale=C');
});
