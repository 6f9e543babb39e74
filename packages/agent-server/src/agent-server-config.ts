import {
  HelixError,
  agentsByName,
  refuseUnknown,
  resolvePorts,
  type Agent,
  type AgentExecutor,
  type AnyAgent,
  type Clock,
  type Filled,
  type Logger,
  type SessionStateStore,
  type StreamManager,
} from '@helix-agents/core';
import { authenticator } from './authenticator.ts';
import { judgeOfSessions } from './judge-of-sessions.ts';
import type { Principal, SessionInfo } from './principal.ts';

/** What an {@link AgentServer} takes. */
export interface AgentServerConfig<TPrincipal extends Principal = Principal> {
  /** The agents, by their names; `startRecovery` takes the same. */
  readonly agents: Readonly<Record<string, AnyAgent>>;
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  /** Of any runtime, over the same stores: in memory, over these very ones. */
  readonly executor: AgentExecutor;
  /**
   * Says who asks, from the headers of the request; null is answered with 401. Asked before anything else is done; where it does
   * not answer within 30 seconds, the request is answered with 503, and with 500 where it throws or no session can belong to the
   * `userId`: give null where a library throws at a token that is no longer good. Required, unless `allowUnauthenticated`.
   */
  readonly authenticate?: ((request: Request) => TPrincipal | null | Promise<TPrincipal | null>) | undefined;
  /** How to sign in, as a 401 says it in `WWW-Authenticate`. Default `Bearer`. */
  readonly challenge?: string | undefined;
  /** Serves anybody, and every session to everybody. Default false; for a machine of your own. */
  readonly allowUnauthenticated?: boolean | undefined;
  /**
   * Whether a principal may see and continue a session, or make it: that is asked before anything is written, for the session as
   * it will be. Default: only the one that made it. `false` is answered as not found, and only `true` lets anybody in: anything
   * else is a mistake of the host and answered with 500.
   */
  readonly authorizeSession?:
    | ((principal: TPrincipal | null, session: SessionInfo) => boolean | Promise<boolean>)
    | undefined;
  /** Bytes of a chat request. Default 4 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Milliseconds that a client may take nothing of a stream of which there is more for it: then its connection is cut, so that one
   * that has stopped to read holds nothing of the server. The run goes on, and `GET /chat/{id}/stream` tells the reply again. Default
   * 60,000.
   */
  readonly maxStallMs?: number | undefined;
  /** Sends an agent's custom state, and its changes, to chat pages: in the snapshot and in streams. Default false. */
  readonly sendStatePatches?: boolean | undefined;
  /**
   * Told of requests that fail on our side, whose details no client gets. A run that fails is told to the logger of its executor.
   * Without one, nobody is told.
   */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** A configuration with every default filled. */
export interface ResolvedConfig extends Omit<
  Filled<AgentServerConfig>,
  'agents' | 'allowUnauthenticated' | 'authenticate'
> {
  readonly agents: ReadonlyMap<string, Agent>;
  /** Rejects with `auth_required` for somebody who is not known. */
  readonly authenticate: (request: Request) => Promise<Principal | null>;
}

const options = {
  known: [
    'agents',
    'stateStore',
    'streamManager',
    'executor',
    'authenticate',
    'challenge',
    'allowUnauthenticated',
    'authorizeSession',
    'maxBodyBytes',
    'maxStallMs',
    'sendStatePatches',
    'logger',
    'clock',
  ] satisfies (keyof AgentServerConfig)[],
};

const required = ['agents', 'executor', 'stateStore', 'streamManager'] as const;
const functions = ['authenticate', 'authorizeSession'] as const;

const defaultMaxBodyBytes = 4 * 1024 * 1024;
const defaultMaxStallMs = 60_000;

/** Fills defaults; refuses with `input_invalid` what cannot work, naming the option. */
export function resolveConfig<TPrincipal extends Principal>(given: AgentServerConfig<TPrincipal>): ResolvedConfig {
  // A principal is only ever handed back to the functions of who configured us: its type need not be known further in.
  const config = given as unknown as AgentServerConfig;
  refuseUnknown('AgentServer: ', config, options);
  for (const name of required) if (!config[name]) throw invalid(`${name} is missing`);
  for (const name of functions)
    if (config[name] !== undefined && typeof config[name] !== 'function') throw invalid(`${name} must be a function`);
  const { clock, logger } = resolvePorts({ clock: config.clock, logger: config.logger });
  mustShareStores(config);
  if (!config.authenticate) mayServeAnybody(config, logger);
  return {
    agents: agentsByName('AgentServer', config.agents),
    stateStore: config.stateStore,
    streamManager: config.streamManager,
    executor: config.executor,
    authenticate: authenticator(config.authenticate, clock),
    challenge: checkHeader('challenge', config.challenge ?? 'Bearer'),
    authorizeSession: judgeOfSessions(config.authorizeSession, clock),
    maxBodyBytes: checkWhole('maxBodyBytes', config.maxBodyBytes ?? defaultMaxBodyBytes, 1024),
    maxStallMs: checkWhole('maxStallMs', config.maxStallMs ?? defaultMaxStallMs, 1),
    sendStatePatches: config.sendStatePatches ?? false,
    logger,
    clock,
  };
}

/** What is kept in memory is seen through the very same object alone; of a database, two may be the same. */
function mustShareStores({ executor, stateStore, streamManager }: AgentServerConfig): void {
  const kept = executor.stateStore ?? stateStore;
  if (kept.durability !== 'none' && stateStore.durability !== 'none') return;
  if (kept !== stateStore) throw notShared('stateStore');
  if ((executor.streamManager ?? streamManager) !== streamManager) throw notShared('streamManager');
}

function notShared(part: 'stateStore' | 'streamManager'): HelixError {
  return invalid(`${part} is not the one of the executor: what it runs would be seen by nobody; give both the same`);
}

function mayServeAnybody({ allowUnauthenticated }: AgentServerConfig, logger: Logger): void {
  if (allowUnauthenticated !== true)
    throw invalid('authenticate is missing: give it, or set allowUnauthenticated: true on a machine of your own');
  logger.log('warn', 'the agent server serves everybody: allowUnauthenticated is set');
}

function checkWhole(name: keyof AgentServerConfig, given: number, least: number): number {
  if (Number.isInteger(given) && given >= least) return given;
  throw invalid(`${name} must be a whole number of at least ${least}, got ${String(given)}`);
}

function checkHeader(name: keyof AgentServerConfig, given: string): string {
  if (/^[\x20-\x7e]+$/.test(given)) return given;
  throw invalid(`${name} must be what a header can hold, got ${JSON.stringify(given)}`);
}

function invalid(message: string): HelixError {
  return new HelixError('input_invalid', `AgentServer: ${message}`);
}
