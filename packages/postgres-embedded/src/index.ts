export { startPostgres } from './start-postgres.ts';
export type { StartPostgresOptions } from './start-options.ts';
export type { PostgresServer } from './postgres-server.ts';
export { PostgresStartError } from './postgres-start-error.ts';
export type { PostgresStartErrorCode } from './postgres-start-error.ts';
export { npmAncestors } from './process/npm-ancestors.ts';
