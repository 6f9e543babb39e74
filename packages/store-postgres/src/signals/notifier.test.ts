// Would catch: a notice that is lost with the connection it was sent over; one that is refused and sent again for ever;
// a first step that waits for the connection that listens.
import { expect, test, vi } from 'vitest';
import { FakeClock } from '@helix-agents/core/testing';
import type { PostgresPort } from '../port/postgres-port.ts';
import { resolveOptions } from '../store-options.ts';
import { notifierOf } from './notifier.ts';

/** A database that fails while there are failures left, and remembers the topics of each statement. */
function recordingPort(failures: Error[]) {
  const tried: string[][] = [];
  const port: PostgresPort = {
    query: async ({ values }) => {
      const payloads = values[1] as string[];
      tried.push(payloads.flatMap((payload) => payload.split('\n').slice(1)));
      const failure = failures.shift();
      if (failure) throw failure;
      return { rows: [] };
    },
  };
  return { tried, notifier: notifierOf(resolveOptions({ port })) };
}

test('notices that could not be sent go with the next one, each once', async () => {
  const { tried, notifier } = recordingPort([new Error('connection lost')]);
  notifier.touch('a');
  notifier.touch('b');
  await expect.poll(() => tried).toEqual([['a', 'b']]);
  notifier.touch('b');
  notifier.touch('c');
  await expect.poll(() => tried[1]).toEqual(['a', 'b', 'c']);
  notifier.touch('d');
  await expect.poll(() => tried[2]).toEqual(['d']);
});

test('notices that were refused are not sent again', async () => {
  const { tried, notifier } = recordingPort([Object.assign(new Error('too long'), { code: '22023' })]);
  notifier.touch('a');
  await expect.poll(() => tried).toEqual([['a']]);
  notifier.touch('b');
  await expect.poll(() => tried[1]).toEqual(['b']);
});

test('a database that stays away is not asked again without a new notice, and what is kept is bounded', async () => {
  const { tried, notifier } = recordingPort([new Error('away'), new Error('away')]);
  for (let index = 0; index < 12_000; index += 1) notifier.touch(`t${index}`);
  await expect.poll(() => tried).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(tried).toHaveLength(1);
  notifier.touch('last');
  await expect.poll(() => tried[1]).toHaveLength(10_001);
  notifier.touch('last');
  await expect.poll(() => tried[2]).toHaveLength(10_000);
  expect(tried[2]).toContain('last');
});

test('listening begins a moment after the first watch, and has everyone look', async () => {
  const clock = new FakeClock();
  const listen = vi.fn<NonNullable<PostgresPort['listen']>>(async () => async () => {});
  const notifier = notifierOf(resolveOptions({ port: { query: async () => ({ rows: [] }), listen }, clock }));
  const look = vi.fn<() => void>();
  const stop = notifier.watch('a', look);
  await clock.advance(10);
  expect(listen).not.toHaveBeenCalled();
  await clock.advance(100);
  expect(listen).toHaveBeenCalledOnce();
  expect(look).toHaveBeenCalledOnce();
  stop();
  notifier.rest();
});
