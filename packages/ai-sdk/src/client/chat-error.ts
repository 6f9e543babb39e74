/** What a chat page can say of an error. */
export interface ChatError {
  /** Short, for any user. */
  readonly text: string;
  /** Code of the registry, where the server said it. */
  readonly code: string | null;
  /** Whether the same may succeed later. */
  readonly retryable: boolean;
  readonly unharmed: string | null;
}

/** Reads `useChat`'s `error`: a refusal carries the server's typed body as its message, a stream error the user's text. */
export function chatErrorOf(error: Error): ChatError {
  const body = typedBody(error.message);
  if (body) return body;
  if (error instanceof TypeError)
    return { text: 'The connection was lost.', code: 'stream_dropped', retryable: true, unharmed: null };
  return { text: error.message, code: null, retryable: true, unharmed: null };
}

function typedBody(message: string): ChatError | null {
  try {
    const body = JSON.parse(message) as Partial<Record<string, unknown>> | null;
    if (typeof body?.['error'] !== 'string') return null;
    const { error, code, retryable, unharmed } = body;
    return {
      text: error,
      code: typeof code === 'string' ? code : null,
      retryable: retryable === true,
      unharmed: typeof unharmed === 'string' ? unharmed : null,
    };
  } catch {
    return null;
  }
}
