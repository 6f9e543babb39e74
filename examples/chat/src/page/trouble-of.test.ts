// Would catch: a card with an error that mends itself, none where the user must do something, or an old one beside a reply that comes.
import type { TypedErrorBody } from '@helix-agents/ai-sdk';
import { describe, expect, it } from 'vitest';
import { Away, Refused } from './chat-transport.ts';
import { troubleOf, type Known } from './trouble-of.ts';

const calm: Known = {
  chatError: undefined,
  failure: null,
  turn: { status: 'completed' },
  isBusy: false,
  hasUnsent: false,
};
const recorded = { error: 'The model is busy.', code: 'provider_overloaded', retryable: true } as TypedErrorBody;
const failed: Known = { ...calm, turn: { status: 'failed', error: recorded } };
const html = new Error('<h1>502 Bad Gateway</h1>');

describe('what a page says', () => {
  it.each<[string, Known, string | null, boolean]>([
    ['of nothing is nothing', calm, null, false],
    ['of a failure in the record is the words of the record', failed, 'The model is busy.', false],
    ['of a failure before a reply that comes is nothing', { ...failed, isBusy: true }, null, false],
    ['of a lost connection is no error', { ...failed, chatError: new TypeError('Failed to fetch') }, null, true],
    ['of a server that is away is no error', { ...calm, chatError: new Away(html) }, null, true],
    [
      'of an answer that is not of the server is an error',
      { ...calm, failure: html },
      'The server gave no answer that can be read.',
      false,
    ],
    [
      'of a message that goes back to its author is nothing',
      { ...calm, chatError: new Refused(html), hasUnsent: true },
      null,
      false,
    ],
  ])('%s', (_, known, text, isLost) => {
    const { error, lost } = troubleOf(known);
    expect([error?.text ?? null, lost !== undefined]).toEqual([text, isLost]);
  });

  it('of a reply that failed is the same while it came as in the record', () => {
    const ended = new Error('The model is busy. Please try again shortly.');
    const recordedNow = { ...failed.turn, error: { ...recorded, error: ended.message, unharmed: 'All is kept.' } };
    const [live, loaded] = [ended, undefined].map((chatError) =>
      troubleOf({ ...failed, chatError, turn: recordedNow }),
    );
    expect(live?.error).toEqual(loaded?.error);
    expect(live?.error).toMatchObject({ code: 'provider_overloaded', unharmed: 'All is kept.' });
  });

  it('of a refusal after a failure is what was refused', () => {
    const refusal = new Error(JSON.stringify({ error: 'Please sign in.', code: 'auth_required' }));
    expect(troubleOf({ ...failed, chatError: refusal }).error).toMatchObject({ text: 'Please sign in.' });
  });

  it.each(['interrupted', 'suspended_step_partial'] as const)(
    'of what is %s is that, until the reply goes on',
    (status) => {
      const stopped: Known = { ...calm, turn: { status } };
      expect([stopped, { ...stopped, isBusy: true }].map((known) => troubleOf(known).isInterrupted)).toEqual([
        true,
        false,
      ]);
    },
  );
});
