export { handleChatReconnect, type ChatReconnectOptions } from './handle-chat-reconnect.ts';
export { handleChatStream, type ChatStreamOptions } from './handle-chat-stream.ts';
export type { ChatOptions, SessionOwnership } from './chat-options.ts';
export type { ReplyStreamOptions } from './stream/reply-stream.ts';
export type { TurnEntry } from './enter-turn.ts';

export { buildSnapshot, snapshotOf, type ChatSnapshot, type SnapshotRequest } from './messages/build-snapshot.ts';
export {
  getUIMessages,
  type PageSource,
  type UIMessagesPage,
  type UIMessagesRequest,
} from './messages/get-ui-messages.ts';
export type { HelixDataParts, HelixMessageMetadata, HelixUIMessage } from './messages/helix-ui-message.ts';

export { typedErrorBody, typedErrorResponse, type TypedErrorBody } from './http/typed-error.ts';
