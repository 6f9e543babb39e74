/** The message of whatever was thrown. It throws nothing itself: a failure of a tool or a hook stays theirs. */
export function messageOf(thrown: unknown): string {
  try {
    return read(thrown);
  } catch {
    return 'something was thrown that cannot be read';
  }
}

function read(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  // Also errors of another realm, and what clients of APIs reject with.
  const { message } = thrown as { readonly message?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  // Node's error of a connection that was tried at several addresses says nothing itself.
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return thrown.errors.map(messageOf).join('; ');
  return thrown instanceof Error ? thrown.name : JSON.stringify(thrown);
}
