import {
  HelixError,
  isLive,
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
  const { agentType, userId, cursor } = request;
  const limit = Math.min(Math.max(1, request.limit ?? 50), 200);
  const from = cursor === undefined ? undefined : parseCursor(cursor);
  const wanted = Array.from(sessions, summaryOf).filter(
    (session) =>
      (agentType === undefined || session.agentType === agentType) &&
      (userId === undefined || session.userId === userId) &&
      (from === undefined || inOrder(from, session) < 0),
  );
  const page = wanted.toSorted(inOrder).slice(0, limit);
  const last = page.at(-1);
  return { sessions: page, ...(last && wanted.length > limit && { cursor: `${last.updatedAt}.${last.sessionId}` }) };
}

type Place = Pick<SessionSummary, 'updatedAt' | 'sessionId'>;

function inOrder(one: Place, other: Place): number {
  if (one.updatedAt !== other.updatedAt) return other.updatedAt - one.updatedAt;
  if (one.sessionId === other.sessionId) return 0;
  return one.sessionId < other.sessionId ? -1 : 1;
}

function parseCursor(cursor: string): Place {
  const [, updatedAt, sessionId] = /^(\d+)\.(.+)$/.exec(cursor) ?? [];
  if (updatedAt === undefined || sessionId === undefined) {
    throw new HelixError('input_invalid', 'cursor must be one that listSessions answered');
  }
  return { updatedAt: Number(updatedAt), sessionId };
}

function summaryOf({ sessionId, agentType, identity, run, updatedAt }: SessionSnapshot): SessionSummary {
  return { sessionId, agentType, userId: identity.userId ?? null, live: isLive(run), updatedAt };
}
