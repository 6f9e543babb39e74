import { AgentNotFoundError, checkId, HelixError, type Agent, type SessionSnapshot } from '@helix-agents/core';
import type { ResolvedConfig } from '../agent-server-config.ts';
import type { Principal, SessionInfo } from '../principal.ts';

/** What a principal may do with sessions. Whatever is not theirs does not exist for them. */
export class SessionAccess {
  readonly #config: ResolvedConfig;
  readonly principal: Principal | null;

  constructor(config: ResolvedConfig, principal: Principal | null) {
    this.#config = config;
    this.principal = principal;
  }

  readonly allows = async ({ sessionId, agentType, identity }: SessionInfo): Promise<boolean> =>
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
  agentOf({ agentType }: Pick<SessionSnapshot, 'agentType'>): Agent {
    const { agents } = this.#config;
    const agent = agents.get(agentType);
    if (agent) return agent;
    throw new AgentNotFoundError(agentType, [...agents.keys()]);
  }

  /**
   * The agent that answers a request: that of its session, which the request may name but not change. For a new session the one
   * that it names; the only one needs no name.
   *
   * @throws HelixError `input_invalid`, `agent_not_found`
   */
  agentFor(session: SessionSnapshot | null, name: unknown): Agent {
    if (name !== undefined && typeof name !== 'string')
      throw new HelixError('input_invalid', 'agent: must be a string');
    if (!session) return this.#agentNamed(name);
    if (name === undefined || name === session.agentType) return this.agentOf(session);
    throw new HelixError('input_invalid', `agent: this session belongs to ${session.agentType}`);
  }

  #agentNamed(name: string | undefined): Agent {
    const { agents } = this.#config;
    const only = agents.size === 1 ? agents.keys().next().value : undefined;
    const agentType = name ?? only;
    if (agentType !== undefined) return this.agentOf({ agentType });
    throw new HelixError('input_invalid', `agent: must be one of ${[...agents.keys()].join(', ')}`);
  }
}
