export { prepareHelixChatRequest } from './prepare-helix-chat-request.ts';
export {
  prepareHelixReconnectRequest,
  type ReconnectOptions,
  type ReconnectPosition,
} from './prepare-helix-reconnect-request.ts';
export { fetchWithIdleTimeout, type IdleTimeoutOptions } from './fetch-with-idle-timeout.ts';
export { wholeReplies } from './whole-replies.ts';
export { chatErrorOf, type ChatError } from './chat-error.ts';
