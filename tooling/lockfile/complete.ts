// `npm run lockfile` completes package-lock.json; with --check it only says whether that is still to be done.
import { readFileSync, writeFileSync } from 'node:fs';
import { completeLockfile, missingPlatformEntries, type Lockfile } from './platform-entries.ts';

const path = new URL('../../package-lock.json', import.meta.url);
const lock: Lockfile = JSON.parse(readFileSync(path, 'utf8'));
const missing = Object.keys(missingPlatformEntries(lock));

if (missing.length === 0) {
  console.log('package-lock.json is complete');
} else if (process.argv.includes('--check')) {
  console.error(`package-lock.json lacks these platform packages; run: npm run lockfile\n${missing.join('\n')}`);
  process.exitCode = 1;
} else {
  writeFileSync(path, `${JSON.stringify(completeLockfile(lock), null, 2)}\n`);
  console.log(`added ${missing.length} platform packages to package-lock.json`);
}
