export { AgentServer } from './agent-server.ts';
export type { AgentServerConfig } from './agent-server-config.ts';
export type { Principal, SessionInfo } from './principal.ts';
export type { RequestScope } from './routes/chat-routes.ts';
