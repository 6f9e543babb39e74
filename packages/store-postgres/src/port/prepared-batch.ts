import { columnsOf, readRow, type Columns, type PgField } from './columns.ts';
import type { PgRows } from './pg-adapter.ts';
import type { WireClient, WireConnection } from './wire-client.ts';

/** A prepared statement with its parameters as pg sends them. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly (string | null)[];
}

interface KnownStatement {
  readonly text: string;
  readonly columns: Columns;
}

/** What the connections of clients have prepared. */
const knownStatements = new WeakMap<WireClient, Map<string, KnownStatement>>();

/** The connection was told to forget what it had prepared: by the application, or by a pooler that cleans up. */
const forgotten = '26000';

/** Runs prepared statements, one or several, in one round trip and one transaction. */
export async function runPrepared(client: WireClient, members: readonly Prepared[]): Promise<readonly PgRows[]> {
  try {
    return await new PreparedBatch(client, members).run();
  } catch (error) {
    if ((error as { code?: unknown }).code !== forgotten) throw error;
    knownStatements.delete(client);
    return new PreparedBatch(client, members).run();
  }
}

/**
 * One round trip. What the columns of a statement are is asked when a connection runs it first; pg's own queries ask each time.
 * pg's client calls all but `run`.
 */
class PreparedBatch {
  /** The client wraps it where its queries have a time limit. */
  callback: (error: unknown, results?: readonly PgRows[]) => void = () => {};
  readonly #client: WireClient;
  readonly #members: readonly Prepared[];
  readonly #known: Map<string, KnownStatement>;
  readonly #results: { rows: unknown[] }[] = [];
  #columns: Columns | undefined;
  #rows: unknown[] = [];

  constructor(client: WireClient, members: readonly Prepared[]) {
    this.#client = client;
    this.#members = members;
    this.#known = knownStatements.get(client) ?? new Map<string, KnownStatement>();
    knownStatements.set(client, this.#known);
  }

  run(): Promise<readonly PgRows[]> {
    return new Promise((resolve, reject) => {
      this.callback = (error, results) => (results ? resolve(results) : reject(error));
      void this.#client.query(this as never);
    });
  }

  submit(connection: WireConnection): void {
    const { stream } = connection;
    // Else each message is a packet of its own.
    stream.cork?.();
    try {
      this.#write(connection);
    } catch (error) {
      this.callback(error);
    } finally {
      connection.sync();
      stream.uncork?.();
    }
  }

  #write(connection: WireConnection): void {
    const prepared = new Set<string>();
    for (const { name, text, parameters } of this.#members) {
      // pg prepares under the name as it is, where it runs the statement itself.
      const statement = `${name}*`;
      const known = this.#known.get(name)?.text === text;
      if (!known && !prepared.has(name)) {
        // A run that failed may have left it there.
        connection.close({ type: 'S', name: statement });
        connection.parse({ name: statement, text });
        prepared.add(name);
      }
      connection.bind({ portal: '', statement, values: parameters });
      if (!known) connection.describe({ type: 'P', name: '' });
      connection.execute({});
    }
  }

  get #current(): Prepared | undefined {
    return this.#members[this.#results.length];
  }

  handleRowDescription({ fields }: { readonly fields: readonly PgField[] }): void {
    this.#columns = columnsOf(fields, (typeId) => this.#client.getTypeParser(typeId, 'text'));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const columns = this.#columns ?? this.#known.get(this.#current?.name ?? '')?.columns ?? [];
    this.#rows.push(readRow(columns, fields));
  }

  handleCommandComplete(): void {
    const { name, text } = this.#current!;
    if (this.#columns || this.#known.get(name)?.text !== text)
      this.#known.set(name, { text, columns: this.#columns ?? [] });
    this.#results.push({ rows: this.#rows });
    this.#columns = undefined;
    this.#rows = [];
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#results);
  }
}
