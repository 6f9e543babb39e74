// Would catch: one holder that the database refuses and that takes every other lease of its process with it; a connection that does
// not answer and is kept for the next holder.
import { expect, test, vi } from 'vitest';
import { PostgresStateStore } from '../index.ts';
import type { PostgresPort, PostgresSession } from '../port/postgres-port.ts';

/** A store in which the lock of the holder `second` fails so. */
function storeThatFails(failure: Error) {
  const close = vi.fn<PostgresSession['close']>(async () => {});
  const texts: string[] = [];
  const port: PostgresPort = {
    query: async () => ({ rows: [{}] }),
    listen: async () => async () => {},
    session: async () => ({
      query: async ({ text, values }) => {
        texts.push(text);
        if (text.includes('pg_advisory_lock(') && values.includes('second')) throw failure;
        return { rows: [{}] };
      },
      close,
    }),
  };
  const lost: string[] = [];
  const doubted: string[] = [];
  const store = new PostgresStateStore({ port });
  const openHolder = (holderId: string) =>
    store.openHolder({
      holderId,
      leaseMs: 30_000,
      onLost: () => lost.push(holderId),
      onDoubt: () => doubted.push(holderId),
    });
  return { store, openHolder, lost, doubted, close, texts };
}

const failed = (code: string | undefined) => Object.assign(new Error('failed'), code !== undefined && { code });

test.each([
  ['55P03', 'state_store_unavailable'],
  ['57014', 'state_store_unavailable'],
  ['42501', 'state_store_denied'],
])('a holder that is refused (%s) costs no other its lease', async (sqlState, code) => {
  const { store, openHolder, lost, doubted, close, texts } = storeThatFails(failed(sqlState));
  await openHolder('first');
  await expect(openHolder('second')).rejects.toMatchObject({ code });
  expect(texts.at(-1)).toContain('pg_advisory_unlock');
  await openHolder('third');
  expect(await store.renewHolder('first')).toBe(true);
  expect(await store.renewHolder('second')).toBe(false);
  expect([...lost, ...doubted]).toEqual([]);
  expect(close).not.toHaveBeenCalled();
});

test('a holder that is refused and is the only one leaves no connection open', async () => {
  const { openHolder, close } = storeThatFails(failed('57014'));
  await expect(openHolder('second')).rejects.toMatchObject({ code: 'state_store_unavailable' });
  expect(close).toHaveBeenCalledOnce();
});

test.each([undefined, 'ECONNRESET', '08006', '57P01'])(
  'a connection that does not answer (%s) is closed, and all who had their lock there doubt it',
  async (code) => {
    const { openHolder, lost, doubted, close } = storeThatFails(failed(code));
    await openHolder('first');
    await expect(openHolder('second')).rejects.toMatchObject({ code: 'state_store_unavailable' });
    await expect.poll(() => doubted).toContain('first');
    expect(lost).toEqual([]);
    expect(close).toHaveBeenCalledOnce();
  },
);

test('a lock whose connection does not answer is taken again over another one', async () => {
  const texts: string[] = [];
  const sessions: string[] = [];
  const port: PostgresPort = {
    query: async () => ({ rows: [{}] }),
    listen: async () => async () => {},
    session: async () => {
      const name = `connection ${sessions.push('opened')}`;
      return {
        query: async ({ text }) => {
          texts.push(`${name}: ${text.startsWith('update') ? 'renewal' : 'lock'}`);
          if (name === 'connection 1' && text.startsWith('update')) throw new Error('Query read timeout');
          return { rows: [{ backend: 1 }] };
        },
        close: async () => {},
      };
    },
  };
  const store = new PostgresStateStore({ port });
  const [onLost, onDoubt] = [vi.fn<() => void>(), vi.fn<() => void>()];
  await store.openHolder({ holderId: 'one', leaseMs: 30_000, onLost, onDoubt });
  await expect(store.renewHolder('one')).rejects.toMatchObject({ code: 'state_store_unavailable' });
  await expect.poll(() => onDoubt).toHaveBeenCalledOnce();
  expect(await store.renewHolder('one')).toBe(true);
  expect(texts.slice(-2)).toEqual(['connection 2: lock', 'connection 2: renewal']);
  expect(onLost).not.toHaveBeenCalled();
});
