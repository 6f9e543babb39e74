// Would catch: a page that gives up before the server had its chances to say that it is there, or waits for minutes.
import { afterEach, expect, it, vi } from 'vitest';
import { fetchWithIdleTimeout } from './fetch-with-idle-timeout.ts';

afterEach(() => void vi.useRealTimers());

it('a connection counts as lost after three of the server’s signs of life, where nobody chose a time', async () => {
  vi.useFakeTimers();
  const ask = fetchWithIdleTimeout({ fetch: () => new Promise(() => {}) });
  const failed = vi.fn<(error: unknown) => void>();
  ask('http://localhost/').catch(failed);
  await vi.advanceTimersByTimeAsync(44_999);
  expect(failed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'stream_dropped' }));
});
