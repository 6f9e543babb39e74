// Would catch: a refusal that does not say how to sign in, or when to come again.
import { HelixError } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { typedErrorResponse } from './typed-error.ts';

it.each([
  ['to nobody names a way to sign in', new HelixError('auth_required', 'no'), 'www-authenticate', 'Bearer'],
  ['for now says when to come again', new HelixError('state_store_unavailable', 'no'), 'retry-after', '5'],
  [
    'for as long as a provider says tells that, in whole seconds',
    new HelixError('provider_overloaded', 'busy', { details: { retryAfterMs: 1_200 } }),
    'retry-after',
    '2',
  ],
  ['for good asks for nothing', new HelixError('input_invalid', 'no'), 'retry-after', null],
  ['of a failure of ours asks for nothing', new Error('no'), 'www-authenticate', null],
])('a refusal %s', (_, error, header, expected) => {
  expect(typedErrorResponse(error).headers.get(header)).toBe(expected);
});
