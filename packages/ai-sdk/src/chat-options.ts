import type { Agent, Clock, Logger, SessionSnapshot, SessionStateStore, StreamManager } from '@helix-agents/core';
import type { TurnEntry } from './enter-turn.ts';
import type { ReplyStreamOptions } from './stream/reply-stream.ts';

/** What an answer to a chat page takes, whatever was asked. */
export interface ChatOptions<TState, TOutput>
  extends Omit<TurnEntry<TState, TOutput>, 'stateStore'>, ReplyStreamOptions {
  readonly agent: Agent<TState, TOutput>;
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  /**
   * Whether the caller may see and continue a session. Asked before anything is written, for a new session as it will be, and
   * again for what was read after that. Only `true` allows; anything but `true` and `false` is answered with 500, and so is one that is
   * undefined. Default: always.
   */
  readonly authorize?: (session: SessionOwnership) => boolean | Promise<boolean>;
  /**
   * Milliseconds that a client may take nothing of what is there for it: then its connection is cut, so that one that has stopped to
   * read holds nothing of the server. It picks the reply up again by `handleChatReconnect`. Default 60,000.
   */
  readonly maxStallMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Told of failures on our side. */
  readonly logger?: Logger | undefined;
}

/** What the access to a session is judged by. */
export type SessionOwnership = Pick<SessionSnapshot, 'sessionId' | 'agentType' | 'identity'>;
