// Would catch: a dead network on which the request to cancel waits for ever, and a connection of the pool with it; a driver without
// such requests that fails for the lack of them.
import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { cancelStatement } from './cancel-statement.ts';
import type { PgClient } from './pg-pool.ts';

const running = (about: object): PgClient => ({
  query: async () => ({ rows: [] }),
  on: () => {},
  release: () => {},
  ...about,
});

test('a request is made as the pool makes its connections, and has two seconds', async () => {
  const configs: object[] = [];
  const cancel = vi.fn<(processID: number, secretKey: unknown) => void>();
  class Client extends EventEmitter {
    readonly connection = { startup: () => {}, cancel };
    constructor(config: object) {
      super();
      configs.push(config);
    }
    connect(done: () => void) {
      this.connection.startup();
      done();
    }
  }
  const pool = { Client, options: { max: 3, ssl: true, connectionTimeoutMillis: 0 } };
  await cancelStatement(pool, running({ processID: 7, secretKey: 8 }));
  expect(cancel).toHaveBeenCalledExactlyOnceWith(7, 8);
  expect(configs).toEqual([{ max: 3, ssl: true, connectionTimeoutMillis: 2_000 }]);
});

test('nothing is asked for a client that is not pg’s own', async () => {
  const Client = vi.fn<(config: object) => void>();
  await cancelStatement({ Client: Client as never }, running({}));
  await cancelStatement({}, running({ processID: 7 }));
  expect(Client).not.toHaveBeenCalled();
});
