import { AgentNotFoundError, checkId, HelixError, type Agent, type SessionSnapshot } from '@helix-agents/core';
import type { ResolvedConfig } from '../agent-server-config.ts';
import type { Principal } from '../principal.ts';

/** What a principal may do with sessions. Whatever is not theirs does not exist for them. */
export class SessionAccess {
  readonly #config: ResolvedConfig;
  readonly principal: Principal | null;

  constructor(config: ResolvedConfig, principal: Principal | null) {
    this.#config = config;
    this.principal = principal;
  }

  readonly allows = async ({ sessionId, agentType, identity }: SessionSnapshot): Promise<boolean> =>
    this.#config.authorizeSession(this.principal, { sessionId, agentType, identity });

  /** @throws HelixError `input_invalid`, `state_session_not_found` */
  async load(sessionId: string): Promise<SessionSnapshot> {
    const session = await this.find(sessionId);
    if (session) return session;
    throw new HelixError('state_session_not_found', 'there is no such session');
  }

  /** Null where there is no such session; rejects as if there was none where it is somebody else's. */
  async find(sessionId: string): Promise<SessionSnapshot | null> {
    const session = await this.#config.stateStore.load(checkId('session id', sessionId));
    if (!session || (await this.allows(session))) return session;
    throw new HelixError('state_session_not_found', 'there is no such session');
  }

  /** The agent of a session. */
  agentOf({ agentType }: Pick<SessionSnapshot, 'agentType'>): Agent<never, never> {
    const { agents } = this.#config;
    const agent = agents.get(agentType);
    if (agent) return agent;
    throw new AgentNotFoundError(agentType, [...agents.keys()]);
  }

  /** The agent that a request wants for a new session; the only one needs no name. */
  agentNamed(name: unknown): Agent<never, never> {
    const { agents } = this.#config;
    const only = agents.size === 1 ? agents.keys().next().value : undefined;
    if (name === undefined && only === undefined)
      throw new HelixError('input_invalid', `agent: must be one of ${[...agents.keys()].join(', ')}`);
    if (name !== undefined && typeof name !== 'string')
      throw new HelixError('input_invalid', 'agent: must be a string');
    return this.agentOf({ agentType: name ?? only ?? '' });
  }
}
