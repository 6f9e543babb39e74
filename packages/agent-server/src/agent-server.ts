import { typedErrorResponse } from '@helix-agents/ai-sdk';
import { HelixError } from '@helix-agents/core';
import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { resolveConfig, type AgentServerConfig } from './agent-server-config.ts';
import type { Principal } from './principal.ts';
import { chatRoutes, unknownMethod, unknownRoute, type RequestScope } from './routes/chat-routes.ts';
import { SessionAccess } from './routes/session-access.ts';

/**
 * Agents over HTTP, for anything that speaks web requests.
 *
 * 1. Nothing is read or done for somebody whom `authenticate` does not know.
 * 2. A session that is not theirs is answered as one that does not exist.
 * 3. A refusal is a typed JSON body with the status of its code, and comes before a stream begins.
 */
export class AgentServer<TPrincipal extends Principal = Principal> {
  /** To mount under other routes: `app.route('/api', server.app)`. */
  readonly app: Hono<RequestScope>;

  /** @throws HelixError `input_invalid`, naming the option, such as an `authenticate` that is missing */
  constructor(config: AgentServerConfig<TPrincipal>) {
    const resolved = resolveConfig(config);
    const { authenticate, challenge, logger } = resolved;
    const app = new Hono<RequestScope>();
    app.use(async (c, next) => {
      try {
        c.set('access', new SessionAccess(resolved, await authenticate(c.req.raw)));
        await next();
      } catch (thrown) {
        // Hono hands only errors to onError; anything may be thrown.
        throw thrown instanceof Error ? thrown : HelixError.from(thrown, 'framework_internal');
      }
      if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
      // It is answered as GET is, but for the body, which nobody will read.
      if (c.req.method === 'HEAD') await c.res.body?.cancel();
    });
    app.use(methodNotAllowed({ app, onMethodNotAllowed: unknownMethod }));
    app.route('/', chatRoutes(resolved));
    app.notFound(unknownRoute);
    app.onError((error) => {
      const refusal = typedErrorResponse(error, logger);
      if (refusal.status === 401) refusal.headers.set('www-authenticate', challenge);
      return refusal;
    });
    this.app = app;
  }

  /** Answers a request; the entry point of every platform. */
  readonly fetch = async (request: Request): Promise<Response> => this.app.fetch(request);
}
