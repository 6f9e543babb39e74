import { sessionStateStoreSuite, streamManagerSuite } from '@helix-agents/conformance';
import { PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import { openAccess, type Way } from './access.ts';
import type { TestDatabase } from './test-database.ts';

/** Everything that both stores promise, over a way to the database. */
export function storeSuites(
  name: string,
  open: () => Promise<{ readonly database: TestDatabase; readonly way: Way }>,
): void {
  sessionStateStoreSuite(
    name,
    async () => {
      const { database, way } = await open();
      const access = openAccess(way);
      const store = new PostgresStateStore(access.options);
      const close = async () => {
        await store.close();
        await access.close();
      };
      return { store, advance: (ms) => database.advance(ms), close };
    },
    { histories: 10 },
  );
  streamManagerSuite(name, async () => {
    const { way } = await open();
    const access = openAccess(way);
    const manager = new PostgresStreamManager(access.options);
    const close = async () => {
      manager.close();
      await access.close();
    };
    return { manager, close };
  });
}
