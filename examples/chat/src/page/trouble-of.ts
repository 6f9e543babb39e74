import { chatErrorOf, type ChatError } from '@helix-agents/ai-sdk/client';
import { isLostConnection, Refused } from './chat-transport.ts';
import { isStopped, type TurnState } from './use-turn.ts';

/** What a page knows of what goes wrong. */
export interface Known {
  /** Of `useChat`: how the last request or its stream failed. */
  readonly chatError: Error | undefined;
  /** What was asked of the server beside it, in vain. */
  readonly failure: Error | null;
  readonly turn: TurnState;
  readonly isBusy: boolean;
  /** A message is not sent yet. */
  readonly hasUnsent: boolean;
}

/** What a page says of it. */
export interface Trouble {
  /** The connection is gone: it is tried again without being asked. */
  readonly lost: Error | undefined;
  /** What stands on the card, with a button to try again. */
  readonly error: ChatError | null;
  readonly isInterrupted: boolean;
}

/** A message that was refused goes back to its author: that is no error. What comes by itself hides what was before. */
export function troubleOf({ chatError, failure, turn, isBusy, hasUnsent }: Known): Trouble {
  const lost = [chatError, failure].find(isLostConnection);
  const fault = chatError instanceof Refused && hasUnsent ? undefined : chatError;
  const error = lost || isBusy ? null : errorOf(fault ?? failure, turn);
  return { lost, error, isInterrupted: isStopped(turn) && !isBusy && !error };
}

/** What went wrong last: in this page, or in the run that the record tells of. */
function errorOf(error: Error | null, { status, error: recorded }: TurnState): ChatError | null {
  const told = error && chatErrorOf(error);
  // What ends a stream has a text and no code: the record of the same failure has both.
  if (told?.code || status !== 'failed' || !recorded) return told;
  const { error: text, code, retryable, unharmed } = recorded;
  return { text, code, retryable, unharmed };
}
