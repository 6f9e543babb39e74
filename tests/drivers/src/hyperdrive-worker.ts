/** Runs in workerd: a request is a turn of a session, over what Hyperdrive gives. */
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { createPgAdapter, PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import pg from 'pg';
import { talker, talkerModel } from './talker.ts';

interface Environment {
  readonly HYPERDRIVE: { readonly connectionString: string };
}

const agent = talker(() => {});
const model = talkerModel(async () => {});

export default {
  async fetch(request: Request, { HYPERDRIVE }: Environment): Promise<Response> {
    const sessionId = new URL(request.url).pathname.slice(1);
    // A Worker's connections are of use to the request alone that opened them.
    const pool = new pg.Pool({ connectionString: HYPERDRIVE.connectionString, max: 5 });
    const options = { port: createPgAdapter(pool), prepared: false, poll: true, pollMs: 20 };
    const store = new PostgresStateStore(options);
    const streams = new PostgresStreamManager(options);
    const executor = new JSAgentExecutor(store, streams, model);
    try {
      const handle = await executor.execute(agent, await request.text(), { sessionId });
      return Response.json(await handle.result());
    } finally {
      await executor.close();
      await store.close();
      streams.close();
      await pool.end();
    }
  },
};
