// Would catch: a store that asks more of a port than `query`, or of `query` more than one statement in a request.
import { PostgresMigrations } from '@helix-agents/store-postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAccess, type Way } from './access.ts';
import { neonHttpEndpoint, type NeonHttpEndpoint } from './neon-http-endpoint.ts';
import { processSuite } from './process-suite.ts';
import { storeSuites } from './store-suites.ts';
import { testServer } from './test-database.ts';

const openDatabase = testServer();
let endpoint: NeonHttpEndpoint;

beforeAll(async () => {
  endpoint = await neonHttpEndpoint();
});
afterAll(() => endpoint?.close());

async function open() {
  const database = await openDatabase();
  const way: Way = { driver: 'neon-http', connectionString: database.connectionString, endpoint: endpoint.url };
  return { database, way };
}

storeSuites('Postgres over Neon’s HTTP', open);
processSuite('Neon’s HTTP', open, { takenUpWithinMs: 30_000 });

it('migrations are refused over it, and say why: one is several statements', async () => {
  const database = await openDatabase({ migrate: false });
  const way: Way = { driver: 'neon-http', connectionString: database.connectionString, endpoint: endpoint.url };
  await expect(new PostgresMigrations(openAccess(way).options.port).run()).rejects.toMatchObject({
    code: 'state_schema_mismatch',
    message: expect.stringContaining('cannot insert multiple commands'),
  });
});
