import type { SessionIdentity } from '@helix-agents/core';

/** Who asks. Sessions belong to the `userId` that made them. */
export interface Principal extends SessionIdentity {
  readonly userId: string;
}

/** What a session is known by where its access is judged. */
export interface SessionInfo {
  readonly sessionId: string;
  readonly agentType: string;
  readonly identity: SessionIdentity;
}

/** Whether a principal (null: anybody, on a server without sign-in) owns a session. */
export function owns(principal: Principal | null, { identity }: SessionInfo): boolean {
  return identity.userId === principal?.userId;
}
