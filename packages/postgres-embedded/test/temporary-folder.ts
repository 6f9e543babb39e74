import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder below /tmp, which every user can reach, for the time of one test. */
export async function temporaryFolder({ mode = 0o755 } = {}): Promise<string> {
  const folder = await mkdtemp(join('/tmp', 'helix-postgres-test-'));
  await chmod(folder, mode);
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
