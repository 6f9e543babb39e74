// Removes what the compiler wrote, so that a source that was deleted is not published from its old output.
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repository, readWorkspaces } from './workspaces.ts';

for (const { folder } of readWorkspaces(repository)) {
  for (const output of globSync(['dist', '*.tsbuildinfo'], { cwd: join(repository, folder) })) {
    rmSync(join(repository, folder, output), { recursive: true, force: true });
  }
}
