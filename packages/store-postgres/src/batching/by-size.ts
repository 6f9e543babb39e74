import type { Sql } from '../database/sql.ts';

/** Makes the statement for each size of batch once. */
export function bySize(make: (size: number) => Sql): (size: number) => Sql {
  const made = new Map<number, Sql>();
  return (size) => {
    const known = made.get(size) ?? make(size);
    made.set(size, known);
    return known;
  };
}
