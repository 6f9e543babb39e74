import { makeOnce } from '../batching/make-once.ts';
import type { Write } from '../batching/write-lane.ts';
import type { Tables } from '../database/tables.ts';
import { charactersOf, type EncodedCommit } from './commit-codec.ts';
import type { HeadColumns } from './head-columns.ts';
import { createSession } from './sql/create-session.ts';
import { createSessions } from './sql/create-sessions.ts';

/** The first commit of a session on its way. */
export interface Creation extends EncodedCommit {
  readonly sessionId: string;
  readonly token: string;
  readonly head: HeadColumns;
  readonly runtime: string;
  readonly agentType: string;
  readonly userId: string | null;
}

/** How first commits are sent. The answer is the inbox counter of the session. */
export function creationsIn(tables: Tables): Write<Creation> {
  const single = createSession(tables);
  return {
    keyOf: ({ sessionId }) => sessionId,
    weightOf: charactersOf,
    alone: (creation) => ({ sql: single, values: valuesOf(creation) }),
    memberOf: valuesOf,
    together: makeOnce((size) => createSessions(tables, size)),
  };
}

function valuesOf({ sessionId, token, added, body, messages, head, runtime, agentType, userId }: Creation) {
  return [sessionId, token, added, body, messages, ...head, runtime, agentType, userId];
}
