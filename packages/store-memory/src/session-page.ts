import {
  isLive,
  pageOf,
  readPageRequest,
  type PagePlace,
  type SessionPage,
  type SessionPageRequest,
  type SessionSnapshot,
  type SessionSummary,
} from '@helix-agents/core';

/**
 * One page of sessions, newest change first.
 *
 * @throws HelixError `input_invalid` for a cursor that no page gave
 */
export function sessionPage(sessions: Iterable<SessionSnapshot>, request: SessionPageRequest = {}): SessionPage {
  const { agentType, userId } = request;
  const { limit, from } = readPageRequest(request);
  const wanted = Array.from(sessions, summaryOf).filter(
    (session) =>
      (agentType === undefined || session.agentType === agentType) &&
      (userId === undefined || session.userId === userId) &&
      (from === null || inOrder(from, session) < 0),
  );
  return pageOf(wanted.toSorted(inOrder), limit);
}

function inOrder(one: PagePlace, other: PagePlace): number {
  if (one.updatedAt !== other.updatedAt) return other.updatedAt - one.updatedAt;
  if (one.sessionId === other.sessionId) return 0;
  return one.sessionId < other.sessionId ? -1 : 1;
}

function summaryOf({ sessionId, agentType, identity, run, updatedAt }: SessionSnapshot): SessionSummary {
  return { sessionId, agentType, userId: identity.userId ?? null, live: isLive(run), updatedAt };
}
