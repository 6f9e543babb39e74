import type { Principal } from '@helix-agents/agent-server';
import { createHash, randomBytes } from 'node:crypto';

const cookieName = 'helix-chat-visitor';
const pattern = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{43})(?:;|$)`);

/**
 * Sign-in of an example: a browser is a user, by a random cookie. The record keeps a digest of it, so whoever reads the database
 * cannot sign in with what is there.
 */
export function visitorOf(request: Request): Principal | null {
  const [, secret] = pattern.exec(request.headers.get('cookie') ?? '') ?? [];
  return secret === undefined ? null : { userId: createHash('sha256').update(secret).digest('base64url') };
}

/** The cookie of a new visitor. */
export function newVisitorCookie(): string {
  const secret = randomBytes(32).toString('base64url');
  return `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`;
}
