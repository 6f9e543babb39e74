// Would catch: what the stores ask of pg's pool and its clients, and Neon's over WebSockets answers otherwise or not at all.
import { afterAll, beforeAll } from 'vitest';
import type { Way } from './access.ts';
import { lateStatementSuite } from './late-statement-suite.ts';
import { processSuite } from './process-suite.ts';
import { storeSuites } from './store-suites.ts';
import { testServer } from './test-database.ts';
import { websocketProxy, type WebSocketProxy } from './websocket-proxy.ts';

const openDatabase = testServer();
let proxy: WebSocketProxy;

beforeAll(async () => {
  proxy = await websocketProxy();
});
afterAll(() => proxy?.close());

async function open() {
  const database = await openDatabase();
  const way: Way = {
    driver: 'neon-pool',
    connectionString: database.connectionString,
    proxyPort: proxy.port,
  };
  return { database, way };
}

storeSuites('Postgres over Neon’s Pool', open);
// By its lock: the lease lasts 30 s.
processSuite('Neon’s Pool', open, { takenUpWithinMs: 15_000 });
lateStatementSuite('Neon’s Pool', open);
