// Would catch: streams on Postgres that keep other promises than those in memory.
import { streamManagerSuite } from '@helix-agents/conformance';
import { oddSettings } from '../../test/odd-settings.ts';
import { testServer } from '../../test/test-database.ts';
import { PostgresStreamManager, type PostgresStreamOptions } from '../index.ts';

const open = testServer();

async function backend(options: Omit<PostgresStreamOptions, 'port'> = {}, settings?: string) {
  const database = await open({ ...(settings && { options: settings }) });
  const manager = new PostgresStreamManager({ port: database.port, ...options });
  return {
    manager,
    close: async () => {
      manager.close();
      await database.close();
    },
  };
}

streamManagerSuite('Postgres', () => backend());
streamManagerSuite('Postgres with chunks that are flushed late', () => backend({ chunkDurability: 'second' }));
streamManagerSuite('Postgres with odd settings', () => backend({}, oddSettings));
