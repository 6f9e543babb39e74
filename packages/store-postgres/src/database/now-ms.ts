/** Unix ms by the clock of the database. */
export const nowMs = `(extract(epoch from clock_timestamp()) * 1000)`;

/** When a session is due, as its head holds it: what its writer calls 0 is now. */
export function dueAt(wakeAt: string): string {
  return `case when ${wakeAt} = 0 then ${nowMs}::bigint else ${wakeAt} end`;
}
