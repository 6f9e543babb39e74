import { errorTable, HelixError } from '@helix-agents/core';

/** What a chat page can say of an error. */
export interface ChatError {
  /** Short, for any user. */
  readonly text: string;
  /** Code of the registry, where the server said it; `answer_unreadable` where what came was no answer of ours. */
  readonly code: string | null;
  /** Whether the same may succeed later. */
  readonly retryable: boolean;
  readonly unharmed: string | null;
}

/**
 * Reads `useChat`'s `error`: a refusal carries the server's typed body as its message, a stream error the user's text. Anything
 * else, such as the page of a gateway whose server is down, is not shown to users.
 */
export function chatErrorOf(error: Error): ChatError {
  const body = typedBody(error.message);
  if (body) return body;
  if (isLostConnection(error))
    return { text: 'The connection was lost.', code: 'stream_dropped', retryable: true, unharmed: null };
  if (userTexts.has(error.message)) return { text: error.message, code: null, retryable: true, unharmed: null };
  return {
    text: 'The server gave no answer that can be read.',
    code: 'answer_unreadable',
    retryable: true,
    unharmed: null,
  };
}

/** As `fetch` says it, or who waited for it with `AbortSignal.timeout`, or `wholeReplies`. */
function isLostConnection(error: Error): boolean {
  return error instanceof TypeError || error.name === 'TimeoutError' || HelixError.is(error, 'stream_dropped');
}

/** Every text that our errors have for users. */
const userTexts: ReadonlySet<string> = new Set(Object.values(errorTable).map(({ userMessage }) => userMessage));

function typedBody(message: string): ChatError | null {
  try {
    const body = JSON.parse(message) as Partial<Record<string, unknown>> | null;
    const { error, code, retryable, unharmed } = body ?? {};
    if (typeof error !== 'string' || typeof code !== 'string') return null;
    return {
      text: error,
      code,
      retryable: retryable === true,
      unharmed: typeof unharmed === 'string' ? unharmed : null,
    };
  } catch {
    return null;
  }
}
