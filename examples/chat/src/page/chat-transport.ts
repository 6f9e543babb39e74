import type { HelixUIMessage } from '@helix-agents/ai-sdk';
import {
  chatErrorOf,
  fetchWithIdleTimeout,
  prepareHelixChatRequest,
  prepareHelixReconnectRequest,
  wholeReplies,
  type ReconnectPosition,
} from '@helix-agents/ai-sdk/client';
import { APICallError, DefaultChatTransport, type ChatTransport } from 'ai';
import { chatApi } from './api.ts';

/** The server did not answer, or what stands before it did: what was asked for may be had in a moment. */
export class Away extends Error {
  constructor(reason: Error) {
    super(reason.message, { cause: reason });
    this.name = 'Away';
  }
}

/** The server said that it does not take a message: it does not have it. */
export class Refused extends Error {
  constructor(reason: Error) {
    super(reason.message, { cause: reason });
    this.name = 'Refused';
  }
}

/** `standAt` says which record the page is drawn from: what came after it is told anew, whatever it is. */
export function makeTransport(snapshot: ReconnectPosition | null) {
  let after = snapshot ?? 0;
  const transport = wholeReplies(
    new DefaultChatTransport<HelixUIMessage>({
      api: chatApi,
      fetch: fetchWithIdleTimeout(),
      prepareSendMessagesRequest: prepareHelixChatRequest(),
      prepareReconnectToStreamRequest: prepareHelixReconnectRequest({ after: () => after }),
    }),
  );
  return { transport, standAt: (fresh: ReconnectPosition) => void (after = fresh) };
}

/** What a transport tells of its requests. */
export interface TransportEvents {
  /** The server has the message. */
  readonly onTaken: () => void;
  /** A reply is asked for that may be under way; then, that the server answered, or did not. */
  readonly onResuming: (isResuming: boolean) => void;
}

/**
 * Tells of its requests, and fails with {@link Refused} where a message was not taken. A reply that cannot be picked up now, but may be
 * later, fails with {@link Away}.
 */
export function telling(
  transport: ChatTransport<HelixUIMessage>,
  { onTaken, onResuming }: TransportEvents,
): ChatTransport<HelixUIMessage> {
  return {
    resumeStreamIsReplay: true,
    reconnectToStream: async (options) => {
      onResuming(true);
      try {
        return await transport.reconnectToStream(options);
      } catch (thrown) {
        const error = thrown as Error;
        throw chatErrorOf(error).retryable ? new Away(error) : error;
      } finally {
        onResuming(false);
      }
    },
    sendMessages: async (options) => {
      const reply = await transport.sendMessages(options).catch((error: Error) => {
        throw isRefusal(error) ? new Refused(error) : error;
      });
      onTaken();
      return reply;
    },
  };
}

/** An answer of a gateway, or a failure of the server, does not say what became of the message. */
function isRefusal(error: Error): boolean {
  if (!APICallError.isInstance(error) || (error.statusCode ?? 500) >= 500) return false;
  return chatErrorOf(error).code !== 'answer_unreadable';
}

/** Nothing was heard of the server, or not all that it says. */
export function isLostConnection(error: Error | null | undefined): error is Error {
  if (!error) return false;
  return error instanceof Away || chatErrorOf(error).code === 'stream_dropped';
}
