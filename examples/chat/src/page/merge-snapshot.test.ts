// Would catch: a page that shows a conversation with a hole in it, or one of its messages twice.
import type { HelixUIMessage } from '@helix-agents/ai-sdk';
import { describe, expect, it } from 'vitest';
import { mergeSnapshot } from './merge-snapshot.ts';

const messages = (ids: string): HelixUIMessage[] => Array.from(ids, (id) => ({ id, role: 'user', parts: [] }));
const merged = (shown: string, fresh: string): string =>
  mergeSnapshot(messages(shown), messages(fresh))
    .map(({ id }) => id)
    .join('');

describe('a fresh snapshot', () => {
  it.each([
    ['keeps what was read of the time before it', 'abcd', 'cdef', 'abcdef'],
    ['takes the place of what it does not meet', 'abcd', 'xyz', 'xyz'],
    ['takes away what was never recorded', 'abcz', 'abcd', 'abcd'],
    ['that reaches further back is all there is', 'cd', 'abcd', 'abcd'],
    ['of nothing shows nothing', 'ab', '', ''],
  ])('%s', (_, shown, fresh, expected) => {
    expect(merged(shown, fresh)).toBe(expected);
  });
});
