// Would catch: a fixture that is written again with the code that no longer reads it, so that the old record is read by nobody.
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import digests from './frozen-fixtures.json' with { type: 'json' };

const folder = import.meta.dirname;

function digestOf(file: string): string {
  return createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex');
}

it('fixtures are added, and never changed or removed', () => {
  const files = globSync('v*/**/*.json', { cwd: folder }).map((file) => file.replaceAll('\\', '/'));
  expect(Object.fromEntries(files.toSorted().map((file) => [file, digestOf(file)]))).toEqual(digests);
});
