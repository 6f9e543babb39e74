import type { PgClient } from './pg-pool.ts';

/** The part of pg's `Connection` that a query of one's own may use, as pg-cursor does. */
export interface WireConnection {
  readonly stream: { cork?(): void; uncork?(): void };
  parse(statement: { name: string; text: string }): void;
  bind(portal: { portal: string; statement: string; values: readonly (string | null)[] }): void;
  describe(portal: { type: 'P'; name: string }): void;
  execute(portal: object): void;
  close(statement: { type: 'S'; name: string }): void;
  sync(): void;
}

/** A client that takes queries of one's own. */
export interface WireClient extends PgClient {
  readonly connection: WireConnection;
  getTypeParser(typeId: number, format: 'text'): (text: string) => unknown;
}

const methods = ['parse', 'bind', 'describe', 'execute', 'close', 'sync'] as const;

/** pg's client, and those made of it: not its native one, nor one that sends queries before the answers to others are there. */
export function isWireClient(client: PgClient): client is WireClient {
  const { connection, pipeline, getTypeParser } = client as Partial<WireClient> & { pipeline?: boolean };
  if (!connection || pipeline || typeof getTypeParser !== 'function') return false;
  return methods.every((method) => typeof connection[method] === 'function');
}
