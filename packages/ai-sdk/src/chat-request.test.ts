// Would catch: a body that gets in though no store can keep it, one that the real transport sends and that is refused, a refusal
// that does not say which field.
import { HelixError } from '@helix-agents/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChatRequest } from './chat-request.ts';

const user = (parts: unknown[] = [{ type: 'text', text: 'Hi' }], id = 'm1') => ({ id, role: 'user', parts });
const refusal = (body: unknown, sessionId?: string): string => {
  try {
    parseChatRequest(body, sessionId);
  } catch (error) {
    if (HelixError.is(error, 'input_invalid')) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('a chat request', () => {
  it('is what the default transport sends, whatever the page adds to it', () => {
    const earlier = { id: 'a', role: 'assistant', parts: [{ type: 'step-start' }] };
    const body = { id: 's1', messages: [earlier, user()], trigger: 'submit-message', theme: 'dark' };
    expect(parseChatRequest(body)).toEqual({
      sessionId: 's1',
      trigger: 'submit-message',
      message: { id: 'm1', parts: [{ type: 'text', text: 'Hi' }] },
      edits: false,
    });
  });

  it.each([
    ['no object', 'Hi', 'body'],
    ['no session', { messages: [user()] }, 'id'],
    ['an id with a slash', { id: 'a/b', messages: [user()] }, 'id'],
    ['no messages', { id: 's', messages: [] }, 'messages'],
    ['a reply as last message', { id: 's', messages: [{ ...user(), role: 'assistant' }] }, 'messages[0].role'],
    ['an empty text', { id: 's', messages: [user([{ type: 'text', text: ' \n' }])] }, 'messages[0].parts'],
    ['a NUL', { id: 's', messages: [user([{ type: 'text', text: 'a\0b' }])] }, 'messages[0].parts[0].text'],
    [
      'half a character',
      { id: 's', messages: [user([{ type: 'text', text: '\ud800' }])] },
      'messages[0].parts[0].text',
    ],
    ['an unknown part', { id: 's', messages: [user([{ type: 'data-x', data: 1 }])] }, 'messages[0].parts[0]'],
    [
      'a file of this machine',
      { id: 's', messages: [user([{ type: 'file', mediaType: 'text/plain', url: 'file:///etc/passwd' }])] },
      'messages[0].parts[0].url',
    ],
    [
      'more than 100 parts',
      { id: 's', messages: [user(Array.from({ length: 101 }, () => ({ type: 'text', text: 'x' })))] },
      'messages[0].parts',
    ],
    [
      'a file name of more than 255 characters',
      { id: 's', messages: [user([{ type: 'file', mediaType: 'a/b', url: 'data:,', filename: 'x'.repeat(256) }])] },
      'messages[0].parts[0].filename',
    ],
    ['an unknown trigger', { id: 's', messages: [user()], trigger: 'delete' }, 'trigger'],
  ])('with %s is refused, and the refusal names the field', (_, body, field) => {
    expect(refusal(body).startsWith(field)).toBe(true);
  });

  const withFile = (url: string, mediaType = 'image/png') => ({
    id: 's',
    messages: [user([{ type: 'file', mediaType, url }])],
  });

  it.each([
    ['data:image/png;base64,iVBORw0KGgo=', 'image/png'],
    ['data:text/plain,100%25%20sure', 'text/plain'],
    ['data:text/plain;charset=utf-8;base64,SGk=', 'text/plain; charset=utf-8'],
    ['data:,', 'application/vnd.ms-excel.sheet.macroEnabled.12'],
    ['https://x.test/cat.png?size=2', 'image/*'],
  ])('takes the file %s of type %s', (url, mediaType) => {
    expect(refusal(withFile(url, mediaType))).toBe('accepted');
  });

  it.each([
    ['data:text/plain,%E0%A4%A'],
    ['data:text/plain,%FF'],
    ['data:image/png;base64,***'],
    ['data:image/png;base64,iVBORw0KGgo'],
    ['data:image/png;base64'],
    ['https://'],
    ['https://exa mple/cat.png'],
  ])('refuses the file %s, which no model could be given in this turn or any later one', (url) => {
    expect(refusal(withFile(url))).toMatch(/^messages\[0\]\.parts\[0\]\.url: must be a URL that can be read/);
  });

  it.each(['http://169.254.169.254/latest', 'file:///etc/passwd', 'blob:https://x.test/1', '/cat.png', ''])(
    'refuses the file %j, which stands nowhere that the server should look',
    (url) => {
      const field = 'messages[0].parts[0].url: must be a data: or https: URL';
      expect(refusal(withFile(url))).toBe(field);
    },
  );

  it.each(['', 'png', 'image/', '/png', 'image/png/x', 'image/p ng'])('refuses the media type "%s"', (mediaType) => {
    const field = 'messages[0].parts[0].mediaType: must be a media type';
    expect(refusal(withFile('https://x.test/cat.png', mediaType))).toContain(field);
  });

  it('for another session than that of its path is refused', () => {
    expect(refusal({ id: 's1', messages: [user()] }, 's2')).toBe('id: is not the id of the path');
    expect(parseChatRequest({ messages: [user()] }, 's2').sessionId).toBe('s2');
  });

  it('is read or refused, never a crash, whatever it is', () => {
    const anything = fc.oneof(
      fc.json().map((text) => JSON.parse(text) as unknown),
      fc.anything(),
    );
    fc.assert(
      fc.property(anything, (body) => {
        expect(refusal(body)).toMatch(/accepted|: /);
      }),
      { numRuns: 500 },
    );
  });
});
