// Would catch: a button that waits for ever for a server that took the request and says nothing.
import { afterEach, expect, it, vi } from 'vitest';
import { getAbout, getChats, getHistory, getSnapshot, interrupt } from './api.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it.each([
  ['about', () => getAbout()],
  ['the list', () => getChats(null)],
  ['older chats', () => getChats('7')],
  ['older messages', () => getHistory('c', '7')],
  ['a snapshot', () => getSnapshot('c')],
  ['a stop', () => interrupt('c')],
])('a server that never answers is waited for 15 seconds: %s', async (_, ask) => {
  const late = new DOMException('too late', 'TimeoutError');
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort(late));
  vi.stubGlobal('fetch', (__: string, { signal }: RequestInit = {}) =>
    signal?.aborted ? Promise.reject(signal.reason as Error) : new Promise(() => {}),
  );
  await expect(ask()).rejects.toBe(late);
  expect(timeout).toHaveBeenCalledWith(15_000);
});
