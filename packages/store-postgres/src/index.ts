export { PostgresStateStore } from './postgres-state-store.ts';
export { PostgresStreamManager, type PostgresStreamOptions } from './streams/postgres-stream-manager.ts';
export { PostgresMigrations, type PostgresMigrationsOptions } from './migrations/postgres-migrations.ts';
export { createPgAdapter } from './port/pg-adapter.ts';
export type { PgClient, PgPool, PgQuery } from './port/pg-pool.ts';
export type { PostgresPort, PostgresResult, PostgresSession, PostgresStatement } from './port/postgres-port.ts';
export type { PostgresOptions } from './store-options.ts';
