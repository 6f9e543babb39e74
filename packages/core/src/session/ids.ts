import { HelixError } from '../errors/helix-error.ts';

const allowed = /^[A-Za-z0-9_-]{1,100}$/;

/** Checks an id that a user gave: letters, digits, `_` and `-`, at most 100. Answers it unchanged. */
export function checkId(what: string, id: string): string {
  if (typeof id === 'string' && allowed.test(id)) return id;
  throw new HelixError(
    'input_invalid',
    `${what} must be 1 to 100 of A-Z a-z 0-9 _ -, got ${JSON.stringify(id)?.slice(0, 120)}`,
  );
}
