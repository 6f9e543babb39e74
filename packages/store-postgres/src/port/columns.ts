/** How the row of a statement becomes an object. */
export type Columns = readonly Column[];

interface Column {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

/** What pg tells of a column. */
export interface PgField {
  readonly name: string;
  readonly dataTypeID: number;
}

/** By the object id of the type: those that a port promises to read. */
const readers = new Map<number, Column['read']>([
  [16, (text) => text === 't'],
  [23, Number],
  [25, (text) => text],
  [701, Number],
]);

/** Undefined where a column is of another type: pg knows many more. */
export function columnsOf(fields: readonly PgField[] | undefined): Columns | undefined {
  if (!fields) return undefined;
  const columns = fields.map(({ name, dataTypeID }) => ({ name, read: readers.get(dataTypeID) }));
  return columns.every((column): column is Column => column.read !== undefined) ? columns : undefined;
}
