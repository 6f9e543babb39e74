import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './workspaces.ts';

/** A new folder inside the repository, so that what is installed there is found from it. */
export function scratchFolder(name: string): string {
  mkdirSync(join(repository, '.cache'), { recursive: true });
  return mkdtempSync(join(repository, `.cache/${name}-`));
}
