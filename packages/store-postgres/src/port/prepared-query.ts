import type { Columns } from './columns.ts';
import type { PgResult } from './pg-adapter.ts';

/** The part of pg's `Connection` that a query of one's own uses, as pg-cursor does. */
export interface WireConnection {
  readonly stream: { cork?(): void; uncork?(): void };
  bind(config: { portal: string; statement: string; values: (string | null)[] }): void;
  execute(config: object): void;
  sync(): void;
}

/** Runs a statement that the connection has prepared and whose columns are known. pg's client calls all but `run`. */
export class PreparedQuery {
  readonly name: string;
  /** The client wraps it where its queries have a time limit. */
  callback: (error: unknown, result?: PgResult) => void = () => {};
  readonly #parameters: (string | null)[];
  readonly #columns: Columns;
  readonly #rows: unknown[] = [];

  constructor(name: string, parameters: (string | null)[], columns: Columns) {
    this.name = name;
    this.#parameters = parameters;
    this.#columns = columns;
  }

  run(client: { query(query: never): unknown }): Promise<PgResult> {
    return new Promise((resolve, reject) => {
      this.callback = (error, result) => (result ? resolve(result) : reject(error));
      client.query(this as never);
    });
  }

  submit(connection: WireConnection): void {
    const { stream } = connection;
    // Else each message is a packet of its own.
    stream.cork?.();
    try {
      connection.bind({ portal: '', statement: this.name, values: this.#parameters });
      connection.execute({});
    } catch (error) {
      this.callback(error);
    } finally {
      connection.sync();
      stream.uncork?.();
    }
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    for (const [index, { name, read }] of this.#columns.entries()) {
      const text = fields[index] ?? null;
      row[name] = text === null ? null : read(text);
    }
    this.#rows.push(row);
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback(null, { rows: this.#rows });
  }

  handleCommandComplete(): void {}
}
