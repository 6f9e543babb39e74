import { atMost, HelixError, refuseUnknown, resolvePorts } from '@helix-agents/core';
import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

/** Where a server listens, and what answers. */
export interface ListenOptions {
  /** `fetch` of an `AgentServer`, or of a Hono application around it. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: this machine alone. */
  readonly hostname?: string | undefined;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /**
   * Ends it with every connection, and waits up to 5 s for those who work at an answer: what they work with may be closed then. Runs go on:
   * they do not hang on connections.
   */
  close(): Promise<void>;
}

/** How long who closes waits for those who work at an answer. */
const answersPatienceMs = 5_000;

const known: (keyof ListenOptions)[] = ['fetch', 'port', 'hostname'];

/**
 * Serves on Node.
 *
 * @throws HelixError `input_invalid` where an option is none, and where the port or the address cannot be had
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  refuseUnknown('listen: ', options, { known, called: { host: 'hostname' } });
  const { fetch, port = 0, hostname = '127.0.0.1' } = options;
  if (typeof fetch !== 'function')
    throw new HelixError('input_invalid', 'listen: fetch must be that of an AgentServer');
  // Node takes a text for the path of a Unix socket.
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new HelixError('input_invalid', `listen: port must be a whole number from 0 to 65535, not ${inspect(port)}`);
  const answers = new Set<Promise<Response>>();
  const answer = (request: Request) => {
    const answered = (async () => fetch(request))();
    const over = () => answers.delete(answered);
    answers.add(answered);
    answered.then(over, over);
    return answered;
  };
  const server = createAdaptorServer({ fetch: answer, overrideGlobalObjects: false }) as Server;
  server.listen(port, hostname);
  await once(server, 'listening').catch((error: unknown) => {
    throw refused(error, port, hostname);
  });
  const { port: actual } = server.address() as AddressInfo;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${actual}`,
    port: actual,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await atMost(resolvePorts().clock, answersPatienceMs, Promise.allSettled(answers));
    },
  };
}

/** What the system says where it does not let us listen. */
function refused(error: unknown, port: number, hostname: string): HelixError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is in use`,
    EACCES: `port ${port} may not be used by this user`,
    EADDRNOTAVAIL: `hostname ${hostname} is no address of this machine`,
    ENOTFOUND: `hostname ${hostname} is no address of this machine`,
  };
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return HelixError.from(error, 'framework_internal');
  return new HelixError('input_invalid', reason, { cause: error });
}
