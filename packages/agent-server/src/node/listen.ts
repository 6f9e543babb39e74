import { HelixError, refuseUnknown } from '@helix-agents/core';
import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a server listens, and what answers. */
export interface ListenOptions {
  /** `fetch` of an `AgentServer`, or of a Hono application around it. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Default 127.0.0.1: this machine alone. */
  readonly hostname?: string;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Ends it with every connection. Runs go on: they do not hang on connections. */
  close(): Promise<void>;
}

const known: (keyof ListenOptions)[] = ['fetch', 'port', 'hostname'];

/** Serves on Node. Rejects where the port cannot be had. @throws HelixError `input_invalid` for other options, and without a `fetch` */
export async function listen(options: ListenOptions): Promise<Listening> {
  refuseUnknown('listen: ', options, { known, called: { host: 'hostname' } });
  const { fetch, port = 0, hostname = '127.0.0.1' } = options;
  if (typeof fetch !== 'function')
    throw new HelixError('input_invalid', 'listen: fetch must be that of an AgentServer');
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  server.listen(port, hostname);
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${actual}`,
    port: actual,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
