import type { PostgresPort, PostgresResult, PostgresSession, PostgresStatement } from '@helix-agents/store-postgres';

/** What a statement is for. A step is judged by its commits; the others have columns of their own. */
export type StatementKind = 'commit' | 'read' | 'lease' | 'stream' | 'signal' | 'other';

const kinds: readonly (readonly [kind: StatementKind, names: RegExp])[] = [
  [
    'commit',
    /\.(create_sessions?|append_commits?(_that_fit)?|boundary_commit(_ends)?(_begins)?|boundaries(_end)?(_begin)?)(_\d+)?$/,
  ],
  ['read', /\.(load_session|read_head|messages_after|list_runs|find_ended_run_by_(key|id)|list_sessions)$/],
  ['lease', /\.(.*holder.*|.*lock|claim.*|next_due_at|shut_out_owner)$/],
  ['stream', /\.(append_chunks(_\d+)?|open_writer|read_chunks|find_batch)$/],
  ['signal', /\.send_notices$/],
];

/** Passes statements on, and keeps those of a piece of work. Outside of one it keeps none: the rounds would pay for that memory. */
export class CountingPort implements PostgresPort {
  readonly #inner: PostgresPort;
  #seen: PostgresStatement[] | undefined;

  constructor(inner: PostgresPort) {
    this.#inner = inner;
  }

  /** The statements that are sent while the work goes on. */
  async record(work: () => Promise<unknown>): Promise<readonly PostgresStatement[]> {
    const seen: PostgresStatement[] = [];
    this.#seen = seen;
    await work().finally(() => (this.#seen = undefined));
    return seen;
  }

  query(statement: PostgresStatement): Promise<PostgresResult> {
    this.#seen?.push(statement);
    return this.#inner.query(statement);
  }

  readonly listen: NonNullable<PostgresPort['listen']> = (channel, onNotify, onLost) => {
    if (!this.#inner.listen) throw new Error('the port cannot listen');
    return this.#inner.listen(channel, onNotify, onLost);
  };

  readonly session: NonNullable<PostgresPort['session']> = async (onLost) => {
    if (!this.#inner.session) throw new Error('the port has no sessions');
    const session = await this.#inner.session(onLost);
    return { query: (statement) => this.#querySession(session, statement), close: () => session.close() };
  };

  #querySession(session: PostgresSession, statement: PostgresStatement): Promise<PostgresResult> {
    this.#seen?.push(statement);
    return session.query(statement);
  }
}

export function kindOf({ name = '' }: PostgresStatement): StatementKind {
  return kinds.find(([, names]) => names.test(name))?.[0] ?? 'other';
}

export function countByKind(statements: readonly PostgresStatement[]): Record<StatementKind, number> {
  const counts: Record<StatementKind, number> = { commit: 0, read: 0, lease: 0, stream: 0, signal: 0, other: 0 };
  for (const statement of statements) counts[kindOf(statement)] += 1;
  return counts;
}

/** Bytes that statements carry as parameters. */
export function bytesOf(statements: readonly PostgresStatement[]): number {
  return statements.reduce((sum, { values }) => sum + JSON.stringify(values).length, 0);
}
