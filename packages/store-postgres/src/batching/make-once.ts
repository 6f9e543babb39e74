import type { Sql } from '../database/sql.ts';

/** Makes the statement for each choice once. */
export function makeOnce<Choice>(make: (choice: Choice) => Sql): (choice: Choice) => Sql {
  const made = new Map<string, Sql>();
  return (choice) => {
    const key = JSON.stringify(choice);
    const known = made.get(key) ?? make(choice);
    made.set(key, known);
    return known;
  };
}
