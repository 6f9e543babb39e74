/** How the row of a statement becomes an object. */
export type Columns = readonly Column[];

interface Column {
  readonly name: string;
  readonly read: Reader;
}

type Reader = (text: string) => unknown;

/** What pg tells of a column. */
export interface PgField {
  readonly name: string;
  readonly dataTypeID: number;
}

/** By the object id of the type: those that a port promises to read, whatever the application told pg of them. */
const readers = new Map<number, Reader>([
  [16, (text) => text === 't'],
  [23, Number],
  [25, (text) => text],
  [701, Number],
]);

export function columnsOf(fields: readonly PgField[], other: (typeId: number) => Reader): Columns {
  return fields.map(({ name, dataTypeID }) => ({ name, read: readers.get(dataTypeID) ?? other(dataTypeID) }));
}

export function readRow(columns: Columns, fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [index, { name, read }] of columns.entries()) {
    const text = fields[index] ?? null;
    row[name] = text === null ? null : read(text);
  }
  return row;
}
