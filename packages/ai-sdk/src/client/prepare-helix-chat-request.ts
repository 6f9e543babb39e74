import type { PrepareSendMessagesRequest, UIMessage } from 'ai';

/** A function of type `T`, for the options of a transport. */
type Prepare<T extends UIMessage> = PrepareSendMessagesRequest<T>;

/**
 * For `prepareSendMessagesRequest` of `DefaultChatTransport`: sends to `<api>/<chat id>`, and of the messages only the last. The
 * server has the others, so a request stays small however long the chat is.
 */
export function prepareHelixChatRequest<T extends UIMessage = UIMessage>(): Prepare<T> {
  return ({ api, id, messages, body, trigger, messageId }) => ({
    api: `${api}/${encodeURIComponent(id)}`,
    body: { ...body, id, messages: messages.slice(-1), trigger, messageId },
  });
}
