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

const maxUserId = 1_000;

/**
 * Checks who a session is made for, as the application names them: 1 to 1,000 characters of well-formed text without NUL. Anything
 * else is kept by no store, or comes back as somebody else. Answers it unchanged.
 */
export function checkUserId(userId: unknown): string {
  const isText = typeof userId === 'string' && userId.isWellFormed() && !userId.includes('\0');
  if (isText && userId !== '' && userId.length <= maxUserId) return userId;
  throw new HelixError('input_invalid', `userId must be 1 to ${maxUserId} characters of well-formed text without NUL`);
}
