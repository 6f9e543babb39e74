// Would catch: a temporary folder that fills with browsers, each half unpacked by a run that was killed.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeAbandoned } from './unpack-chromium.ts';

test('what was left half unpacked is removed; what another run unpacks now, and what is whole, stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'helix-browser-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, minutes] of [
    ['browser-1', 60],
    ['browser-1.left', 60],
    ['browser-1.now', 1],
  ] as const) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'chromium'), '');
    utimesSync(join(folder, name), Date.now() / 1000, Date.now() / 1000 - 60 * minutes);
  }
  await removeAbandoned(join(folder, 'browser-1.'));
  expect(readdirSync(folder).toSorted()).toEqual(['browser-1', 'browser-1.now']);
});
