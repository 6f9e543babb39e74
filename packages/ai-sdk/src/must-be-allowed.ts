import { HelixError, type SessionSnapshot } from '@helix-agents/core';
import type { ChatOptions, SessionOwnership } from './chat-options.ts';

type Permission = Pick<ChatOptions<never, never>, 'authorize'>;

/**
 * Asks whether the caller may see and continue a session, or make it.
 *
 * @throws HelixError `state_session_not_found` where not; `framework_internal` where `authorize` answers neither yes nor no
 */
export async function mustBeAllowed({ authorize = () => true }: Permission, session: SessionOwnership): Promise<void> {
  const allows: unknown = await authorize(session);
  if (allows === false) throw notFound();
  if (allows === true) return;
  throw new HelixError('framework_internal', `authorize must answer true or false, got ${typeof allows}`);
}

/** The session, where it is there and the caller may see it. */
export async function loadAllowed(
  options: Permission & Pick<ChatOptions<never, never>, 'stateStore'>,
  sessionId: string,
  missing = notFound,
): Promise<SessionSnapshot> {
  const session = await options.stateStore.load(sessionId);
  if (!session) throw missing();
  await mustBeAllowed(options, session);
  return session;
}

/** The same words for a session of somebody else: nobody learns that it exists. */
function notFound(): HelixError {
  return new HelixError('state_session_not_found', 'there is no such session');
}
