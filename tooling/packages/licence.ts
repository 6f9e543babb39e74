import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages } from '../workspaces.ts';

/** npm takes a licence from nowhere but the package's own folder. Git knows the one of the repository, and ignores the copies. */
export function copyLicence(root: string): void {
  for (const { folder } of publishedPackages(root)) copyFileSync(join(root, 'LICENSE'), join(root, folder, 'LICENSE'));
}
