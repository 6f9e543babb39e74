import { HelixError } from '@helix-agents/core';

/** Our tables, quoted and with their schema: ready to stand in a statement. */
export interface Tables {
  readonly schema: string;
  readonly sessions: string;
  readonly sessionLog: string;
  readonly sessionInbox: string;
  readonly sessionRuns: string;
  readonly sessionCalls: string;
  readonly holders: string;
  readonly streams: string;
  readonly streamLog: string;
}

/**
 * The tables of a schema.
 *
 * @throws HelixError `input_invalid` for a name that would need care wherever it is typed, or with which the names of statements
 * would be longer than the 63 bytes of which Postgres keeps them apart
 */
export function tablesOf(schema: string): Tables {
  if (!/^[a-z_][a-z0-9_]{0,34}$/.test(schema)) {
    throw new HelixError('input_invalid', `schema must be 1 to 35 of a-z 0-9 _, got ${JSON.stringify(schema)}`);
  }
  const table = (name: string) => `"${schema}".${name}`;
  return {
    schema,
    sessions: table('sessions'),
    sessionLog: table('session_log'),
    sessionInbox: table('session_inbox'),
    sessionRuns: table('session_runs'),
    sessionCalls: table('session_calls'),
    holders: table('holders'),
    streams: table('streams'),
    streamLog: table('stream_log'),
  };
}
