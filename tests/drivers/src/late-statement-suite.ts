import { describe, expect, it } from 'vitest';
import { openAccess, type Way } from './access.ts';
import type { TestDatabase } from './test-database.ts';

/** What becomes of a statement that had all its time, over a way to the database that has connections. */
export function lateStatementSuite(
  name: string,
  open: () => Promise<{ readonly database: TestDatabase; readonly way: Way }>,
): void {
  describe(`a late statement over ${name}`, () => {
    it('ends in the server, and the next one has a connection', async () => {
      const { database, way } = await open();
      const access = openAccess(way);
      const { port } = access.options;
      const late = { text: 'select pg_sleep($1)', values: [60], timeoutMs: 200 };
      await Promise.all([late, late].map((each) => expect(port.query(each)).rejects.toThrow('no answer in 200 ms')));
      const asleep = async () => {
        const text = `select pid from pg_stat_activity where state = 'active' and query = $1`;
        return (await database.pool.query(text, [late.text])).rows.length;
      };
      await expect.poll(asleep, { timeout: 10_000 }).toBe(0);
      expect((await port.query({ text: 'select 1 as one', values: [] })).rows).toEqual([{ one: 1 }]);
      await access.close();
    });
  });
}
