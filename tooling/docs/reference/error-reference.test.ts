// Would catch: a code that a reader finds in a log and on no page, or on the page with another meaning.
import { expect, test } from 'vitest';
import { errorPage } from './error-reference.ts';

const row = { retryable: false, httpStatus: 404, nextStep: 'Look again.' };

test('each code stands once, below its category, with what callers may do', () => {
  const text = errorPage({ a_gone: row, b_busy: { ...row, retryable: true, httpStatus: 503 }, a_lost: row });
  expect(text.match(/^(##|\| `).*$/gm)).toEqual([
    '## a',
    '| `a_gone` | no | 404 | Look again. |',
    '| `a_lost` | no | 404 | Look again. |',
    '## b',
    '| `b_busy` | yes | 503 | Look again. |',
  ]);
});
