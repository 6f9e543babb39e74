// `node on-postgres.mjs <connection string>`: the tables are there, the server runs.
import { JSAgentExecutor } from '@helix-agents/sdk';
import { createPgAdapter, PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import pg from 'pg';
import { agentWith, handWritten, model } from './agent.mjs';

const pool = new pg.Pool({ connectionString: process.argv[2] });
const port = createPgAdapter(pool);
const store = new PostgresStateStore({ port });
const streams = new PostgresStreamManager({ port });
const executor = new JSAgentExecutor(store, streams, model);
await (await executor.execute(agentWith(handWritten), 'Greet me.')).result();
await executor.close();
streams.close();
await store.close();
await pool.end();
