// Would catch: the page of a gateway, or whatever a library throws, shown to users as if the chat had said it.
import { HelixError, StreamDropError } from '@helix-agents/core';
import { describe, expect, it } from 'vitest';
import { typedErrorBody } from '../http/typed-error.ts';
import { chatErrorOf } from './chat-error.ts';

const unreadable = {
  text: 'The server gave no answer that can be read.',
  code: 'answer_unreadable',
  retryable: true,
  unharmed: null,
};

describe('an error of a chat', () => {
  it.each([
    ['the page of a gateway', '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'],
    ['plain text', 'upstream connect error or disconnect/reset before headers'],
    ['JSON of somebody else', '{"message":"Service Unavailable"}'],
    ['JSON that looks like ours, without a code', '{"error":"<b>down</b>"}'],
    ['nothing', ''],
  ])('that is %s is told in words of our own, with a code', (_, message) => {
    expect(chatErrorOf(new Error(message))).toEqual(unreadable);
  });

  it('that is a typed body is told as it says', () => {
    const body = typedErrorBody(new HelixError('state_already_running', 'busy'));
    expect(chatErrorOf(new Error(JSON.stringify(body)))).toEqual({
      text: 'An answer is already being written.',
      code: 'state_already_running',
      retryable: true,
      unharmed: 'The conversation is kept as it is.',
    });
  });

  it('that a stream told keeps its text', () => {
    const { error: text } = typedErrorBody(new HelixError('provider_overloaded', 'busy'));
    expect(chatErrorOf(new Error(text)).text).toBe('The model is busy. Please try again shortly.');
  });

  it('that is a lost connection says so', () => {
    const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    for (const error of [new TypeError('Failed to fetch'), late, new StreamDropError()])
      expect(chatErrorOf(error)).toMatchObject({ code: 'stream_dropped', text: 'The connection was lost.' });
  });
});
