// Would catch: a store on Postgres that keeps other promises than the one in memory, or where the role has settings of its own.
import { sessionStateStoreSuite } from '@helix-agents/conformance';
import { oddSettings } from '../test/odd-settings.ts';
import { testServer } from '../test/test-database.ts';
import { PostgresStateStore, type PostgresOptions } from './index.ts';

const open = testServer();

async function backend(options: Omit<PostgresOptions, 'port'> = {}, settings?: string) {
  const database = await open({ ...(settings && { options: settings }) });
  const store = new PostgresStateStore({ port: database.port, ...options });
  return {
    store,
    advance: (ms: number) => database.advance(ms),
    close: async () => {
      await store.close();
      await database.close();
    },
  };
}

sessionStateStoreSuite('Postgres', () => backend());
sessionStateStoreSuite('Postgres in a scope', () => backend({ scope: 'tenant-1' }), { histories: 10 });
sessionStateStoreSuite('Postgres with odd settings', () => backend({}, oddSettings), { histories: 10 });
