import type { Clock } from '@helix-agents/core';
import { askHost } from './ask-host.ts';
import { hostFault } from './host-fault.ts';
import { owns, type Principal, type SessionInfo } from './principal.ts';

type Judge<Answer> = (principal: Principal | null, session: SessionInfo) => Answer;

/** Asks the host whether a principal may see a session; without a function of the host, who made it may. */
export function judgeOfSessions(
  authorizeSession: Judge<boolean | Promise<boolean>> = owns,
  clock: Clock,
): Judge<Promise<boolean>> {
  return async (principal, session) => {
    const allows: unknown = await askHost('authorizeSession', clock, authorizeSession(principal, session));
    if (typeof allows === 'boolean') return allows;
    throw hostFault(`authorizeSession must answer true or false, got ${typeof allows}`);
  };
}
