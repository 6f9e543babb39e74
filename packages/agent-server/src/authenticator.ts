import { checkUserId, HelixError, type Clock } from '@helix-agents/core';
import { askHost } from './ask-host.ts';
import { hostFault } from './host-fault.ts';
import type { Principal } from './principal.ts';

/** Says who asks; null for nobody in particular. */
type Authenticate<Answer> = (request: Request) => Answer;

/** Asks the host who it is; without a function of the host, everybody is nobody. */
export function authenticator(
  authenticate: Authenticate<Principal | null | Promise<Principal | null>> | undefined,
  clock: Clock,
): Authenticate<Promise<Principal | null>> {
  if (!authenticate) return async () => null;
  return async (request) => {
    const principal = await askHost('authenticate', clock, authenticate(request));
    if (!principal) throw new HelixError('auth_required', 'the request carries no valid credentials');
    checkPrincipal(principal);
    return principal;
  };
}

function checkPrincipal({ userId }: Principal): void {
  try {
    checkUserId(userId);
  } catch (cause) {
    throw hostFault(`authenticate gave a principal to whom no session can belong: ${(cause as Error).message}`);
  }
}
