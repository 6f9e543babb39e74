// Would catch: a package that is published under another version, licence or kind of module than the others, or with its sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publishedPackages, repository } from '../workspaces.ts';

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
const { version } = manifestOf('packages/core');

test.each(publishedPackages(repository).map(({ folder }) => folder))('%s is published as the others are', (folder) => {
  expect(manifestOf(folder)).toMatchObject({
    version,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    files: ['dist', '!dist/**/*.d.ts.map'],
    engines: { node: '>=22.12' },
  });
});

test('changesets keep all packages at one version', () => {
  const { fixed } = JSON.parse(readFileSync(join(repository, '.changeset/config.json'), 'utf8')) as { fixed: unknown };
  expect(fixed).toEqual([['@helix-agents/*']]);
});

test('the licence is that of MIT', () => {
  expect(readFileSync(join(repository, 'LICENSE'), 'utf8')).toMatch(/^MIT License\n/);
});
