// Would catch: a message that is sent twice, one that is sent into the answer to another, a page that waits for what is over.
import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import { describe, expect, it } from 'vitest';
import { nextOf, type Next, type Why } from './next-of.ts';

const messages = (ids: string): HelixUIMessage[] => Array.from(ids, (id) => ({ id, role: 'user', parts: [] }));

describe('a message of which nothing was heard', () => {
  it.each<[string, Why, Next, string, ChatSnapshot['status'] | null]>([
    ['that no record has is sent again', 'lost', 'send', '', null],
    ['that the record lacks is sent again', 'lost', 'send', 'a', 'completed'],
    ['that the record lacks is given back where another answer is written', 'lost', 'give-back', 'a', 'running'],
    ['is given back where the server refused it', 'refused', 'give-back', 'a', 'completed'],
    ['that is there after all is not given back', 'refused', 'follow', 'am', 'running'],
    ['that is answered now is followed', 'asked', 'follow', 'am', 'running'],
    ['whose answer was stopped is left so', 'lost', 'follow', 'am', 'interrupted'],
    ['whose answer was stopped goes on when that is asked for', 'asked', 'try-again', 'am', 'interrupted'],
    ['whose answer lost too many servers goes on, too', 'asked', 'try-again', 'am', 'suspended_step_partial'],
    ['whose answer failed is tried again when that is asked for', 'asked', 'try-again', 'am', 'failed'],
    ['that others came after is not tried again', 'asked', 'catch-up', 'ma', 'failed'],
    ['that others came after stands before them', 'lost', 'catch-up', 'ma', 'running'],
  ])('%s', (_, why, expected, recorded, status) => {
    expect(nextOf('m', status && { messages: messages(recorded), status }, why)).toBe(expected);
  });

  it('is nothing where nothing was said', () => {
    expect(nextOf(undefined, null, 'lost')).toBe('follow');
  });
});
