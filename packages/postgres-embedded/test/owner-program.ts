/**
 * A program that owns a server, to be killed by tests. Takes the options of startPostgres as JSON, says in one line of JSON what
 * it has, and waits.
 */
import { Client } from 'pg';
import { npmAncestors, startPostgres } from '../src/index.ts';

const { withNpm, ...options } = JSON.parse(process.argv[2] ?? '{}');
const alsoEndWith = withNpm ? await npmAncestors() : [];
const server = await startPostgres({ ...options, alsoEndWith }).catch((error: Error & { code?: string }) => {
  console.log(JSON.stringify({ failed: error.code, message: error.message }));
  process.exit(1);
});
const client = new Client({ connectionString: server.connectionString });
client.on('error', () => {});
await client.connect();
const { rows } = await client.query(
  `select pg_read_file('postmaster.pid') as lock, current_setting('data_directory') as folder`,
);
console.log(
  JSON.stringify({
    connectionString: server.connectionString,
    pid: Number.parseInt(rows[0].lock, 10),
    folder: rows[0].folder,
  }),
);
process.on('SIGINT', () => process.exit(130));
setInterval(() => {}, 60_000);
