let count = 0;
const start = crypto.randomUUID().slice(0, 8);

/** An id that no other test used, also where a backend keeps what earlier test runs wrote. */
export function newId(prefix: string): string {
  count += 1;
  return `${prefix}-${start}-${count}`;
}
