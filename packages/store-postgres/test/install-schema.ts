// Runs the migrations in a process of its own, once its parent says so.
import { once } from 'node:events';
import pg from 'pg';
import { createPgAdapter, PostgresMigrations } from '../src/index.ts';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 1 });
await pool.query('select 1');
process.send?.('ready');
await once(process, 'message');
await new PostgresMigrations(createPgAdapter(pool)).run();
await pool.end();
process.disconnect();
