import type { Tables } from './tables.ts';

/** A statement, and the name under which a connection prepares it. */
export interface Sql {
  readonly name: string;
  readonly text: string;
}

/** Names hold the schema: two stores with different schemas may share connections. */
export function sql({ schema }: Tables, name: string, text: string): Sql {
  return { name: `${schema}.${name}`, text };
}
