import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, repository } from '../workspaces.ts';

/**
 * Writes a CommonJS program into `folder` that requires every entry of our packages, and runs it. Throws where Node refuses one: an
 * `await` at the top of a module is enough. Answers its name.
 */
export function commonJsRequires(folder: string): string {
  const entries = publishedPackages(repository)
    // The suites are for Vitest, which is imported alone.
    .filter(({ manifest }) => !('vitest' in (manifest.peerDependencies ?? {})))
    .flatMap(({ manifest: { name, exports = {} } }) => Object.keys(exports).map((path) => `${name}${path.slice(1)}`));
  const program = 'common-js.cjs';
  writeFileSync(join(folder, program), entries.map((entry) => `require('${entry}');\n`).join(''));
  execFileSync(process.execPath, [program], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: 60_000 });
  return program;
}
