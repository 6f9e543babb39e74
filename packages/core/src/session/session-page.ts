import { HelixError } from '../errors/helix-error.ts';
import { refuseUnknown, type Members } from '../refuse-unknown.ts';

/** One page of sessions, newest change first. */
export interface SessionPage {
  readonly sessions: readonly SessionSummary[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/** A session as lists show it. `live`: its run has not ended. `updatedAt` in unix ms. */
export interface SessionSummary {
  readonly sessionId: string;
  readonly agentType: string;
  readonly userId: string | null;
  readonly live: boolean;
  readonly updatedAt: number;
}

/** Which sessions `listSessions` answers with; without filters, all of the scope. A filter that is undefined is refused. */
export interface SessionPageRequest {
  /** Default 50, at most 200. */
  readonly limit?: number | undefined;
  /** From an earlier page. */
  readonly cursor?: string | undefined;
  readonly agentType?: string;
  readonly userId?: string;
}

const members: Members = {
  known: ['limit', 'cursor', 'agentType', 'userId'] satisfies (keyof SessionPageRequest)[],
  called: { user: 'userId', agent: 'agentType' },
};
const usualLimit = 50;
const largestLimit = 200;

/** Where a list of sessions goes on: behind the last one of a page. */
export type PagePlace = Pick<SessionSummary, 'updatedAt' | 'sessionId'>;

/**
 * How many sessions a page may hold, and from where on; null for from the newest.
 *
 * @throws HelixError `input_invalid` for a cursor that no page gave, and for a filter that would be none
 */
export function readPageRequest(request: SessionPageRequest): {
  readonly limit: number;
  readonly from: PagePlace | null;
} {
  refuseUnknown('listSessions: ', request, members);
  mustFilter(request, 'userId');
  mustFilter(request, 'agentType');
  const { limit = usualLimit, cursor } = request;
  return {
    limit: Math.min(Math.max(1, limit), largestLimit),
    from: cursor === undefined ? null : parseCursor(cursor),
  };
}

/** Of a user who came to nothing, as of a sign-in that is missing, the list would be that of everybody. */
function mustFilter(request: SessionPageRequest, name: 'userId' | 'agentType'): void {
  const filter: unknown = request[name];
  if (!Object.hasOwn(request, name) || typeof filter === 'string') return;
  const problem = `${name} must be a text; leave it out for the sessions of all, got ${String(filter)}`;
  throw new HelixError('input_invalid', `listSessions: ${problem}`);
}

/** A page of what was found in its order: one session more than the limit says that there is another page. */
export function pageOf(found: readonly SessionSummary[], limit: number): SessionPage {
  const sessions = found.slice(0, limit);
  const last = sessions.at(-1);
  return { sessions, ...(last && found.length > limit && { cursor: `${last.updatedAt}.${last.sessionId}` }) };
}

function parseCursor(cursor: string): PagePlace {
  // Fifteen digits: more are no time, and no number that a database holds.
  const [, updatedAt, sessionId] = /^(\d{1,15})\.([A-Za-z0-9_-]+)$/.exec(cursor) ?? [];
  if (updatedAt !== undefined && sessionId !== undefined) return { updatedAt: Number(updatedAt), sessionId };
  throw new HelixError('input_invalid', 'cursor must be one that listSessions answered');
}
