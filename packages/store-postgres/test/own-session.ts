// Owns a session in a process of its own, until it is killed.
import pg from 'pg';
import { createPgAdapter, PostgresStateStore } from '../src/index.ts';
import { start } from './session-driver.ts';

const store = new PostgresStateStore({ port: createPgAdapter(new pg.Pool({ connectionString: process.argv[2] })) });
await store.openHolder({ holderId: 'doomed', leaseMs: 30_000 });
process.send?.(await start(store, { holderId: 'doomed' }));
setInterval(() => {}, 1_000);
