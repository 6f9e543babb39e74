// Catches: a data folder that cannot be made, and a start that waits for it for ever.
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { makeFolder } from './make-folder.ts';

test('what is missing above it is made too, and it is told whether it was there', async () => {
  const folder = join(await temporaryFolder(), 'a/b/c');
  expect(await makeFolder(folder, 0o700)).toBe(true);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await makeFolder(folder, 0o700)).toBe(false);
});

test('of two that make it at once, both have it', async () => {
  const folder = join(await temporaryFolder(), 'a/b/c');
  const made = await Promise.all([makeFolder(folder, 0o700), makeFolder(folder, 0o700)]);
  expect(made.filter(Boolean)).toHaveLength(1);
});

test('a file in its place, or above it, is refused by name', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const foreign = { code: 'postgres_data_dir_foreign', message: expect.stringContaining(file) as string };
  await expect(makeFolder(file, 0o700)).rejects.toMatchObject(foreign);
  await expect(makeFolder(join(file, 'below'), 0o700)).rejects.toMatchObject(foreign);
});

test.runIf(process.platform === 'linux')(
  'where the system takes no folders it is refused, and not tried for ever',
  async () => {
    const refused = { code: 'postgres_data_dir_not_permitted' };
    await expect(makeFolder('/proc/nowhere', 0o700)).rejects.toMatchObject(refused);
    await expect(makeFolder('/proc/nowhere/below', 0o700)).rejects.toMatchObject(refused);
  },
);
