/** Columns of the members of a batch and their types, in the order of their parameters. */
export type MemberColumns = Readonly<Record<string, 'bigint' | 'boolean' | 'int' | 'json' | 'text'>>;

/** The members of a batch as a table `i`; their parameters follow $1, the scope. Unused places are null. */
export function batchMembers(columns: MemberColumns, size: number): string {
  const types = Object.values(columns);
  const place = (member: number, column: number) => 2 + member * types.length + column;
  const rows = Array.from(
    { length: size },
    (_, member) => `(${types.map((type, column) => `$${place(member, column)}::${type}`).join(', ')})`,
  );
  return `(values ${rows.join(', ')})
  as i (${Object.keys(columns).join(', ')})`;
}
