import type { Tables } from '../../database/tables.ts';

/** Commits before a version in which its token is looked for. */
export const tokenReach = 8;

/**
 * A condition: the token did not land in this version or shortly before. A token is its commit's alone; but a unit of an engine
 * that is repeated may have read its own commit and stand on top of it. Only the latest rows are asked: the whole history would
 * need an index. A scalar, because `not exists` in a batch was planned as a scan of the log.
 */
export function isNewToken(t: Tables, scope: string, sessionId: string, version: string, token: string): string {
  return `(select 1 from ${t.sessionLog} r where r.scope = ${scope} and r.session_id = ${sessionId}
    and r.version > ${version}::int - ${tokenReach} and r.version <= ${version}::int and r.token = ${token} limit 1) is null`;
}
