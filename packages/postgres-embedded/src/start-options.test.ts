// Catches: an option that is silently ignored, and a server that others can reach.
import { expect, test } from 'vitest';
import { resolveStartOptions } from './start-options.ts';

test('without options the server is durable, alone on this machine, and its data temporary', () => {
  expect(resolveStartOptions({})).toEqual({
    dataDir: undefined,
    port: undefined,
    syncNewCluster: false,
    settings: [
      ['listen_addresses', '127.0.0.1'],
      ['unix_socket_directories', ''],
      ['dynamic_shared_memory_type', 'mmap'],
    ],
    alsoEndWith: [],
    timeoutMs: 60_000,
  });
});

test('only data that is kept and must be durable is flushed when it is made', () => {
  expect(resolveStartOptions({ dataDir: 'data' }).syncNewCluster).toBe(true);
  expect(resolveStartOptions({ dataDir: 'data', durability: 'none' }).syncNewCluster).toBe(false);
});

test("the caller's settings win over those of a durability", () => {
  const { settings } = resolveStartOptions({ durability: 'none', settings: { synchronous_commit: 'local' } });
  expect(Object.fromEntries(settings)).toMatchObject({
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'local',
  });
});

test.each([
  [{ port: 0 }, 'port'],
  [{ port: 70_000 }, 'port'],
  [{ durability: 'some' as 'full' }, 'durability'],
  [{ alsoEndWith: [-1] }, 'alsoEndWith'],
  [{ timeoutMs: Number.NaN }, 'timeoutMs'],
  [{ dataDir: '' }, 'dataDir'],
])('%o is refused by the name of its option', (options, name) => {
  expect(() => resolveStartOptions(options)).toThrow(
    expect.objectContaining({ code: 'postgres_option_invalid', what: expect.stringContaining(name) }),
  );
});

test.each(['port', 'LISTEN_ADDRESSES', 'hba_file'])('the setting %s is not the caller’s to make', (name) => {
  expect(() => resolveStartOptions({ settings: { [name]: 'x' } })).toThrow(
    expect.objectContaining({ code: 'postgres_setting_refused', what: expect.stringContaining(name) }),
  );
});

test('an option that does not exist is refused: without dataDir, the data would go with the server', () => {
  const misspelt = { durability: 'full', datadir: 'data' } as const;
  expect(() => resolveStartOptions(misspelt)).toThrow(
    expect.objectContaining({ what: expect.stringContaining('no option datadir') }),
  );
});
