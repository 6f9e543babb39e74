// Bundles the built packages that are promised to run on any platform, and weighs the imports that have a budget.
import { gzipSync } from 'node:zlib';
import { rooms } from '../boundaries/rooms.ts';
import { publishedPackages, repository, type Workspace } from '../workspaces.ts';
import { budgets, type Budget } from './budgets.ts';
import { bundle } from './bundle.ts';

const neutral = publishedPackages(repository).filter(({ folder }) => rooms[folder]?.neutral);
const found = [
  ...(await Promise.all(neutral.map(bundleProblems))),
  ...(await Promise.all(budgets.map(budgetProblems))),
];
for (const problem of found.flat()) console.error(problem);
process.exitCode = found.flat().length > 0 || neutral.length === 0 ? 1 : 0;

async function bundleProblems({ manifest }: Workspace): Promise<string[]> {
  const entries = Object.keys(manifest.exports ?? {}).map((path) => `${manifest.name}${path.slice(1)}`);
  const code = entries.map((entry) => `export * from '${entry}';`).join('\n');
  const { problems } = await bundle(code, Object.keys(manifest.peerDependencies ?? {}));
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}

async function budgetProblems({ code, maxBytes }: Budget): Promise<string[]> {
  const { problems, output } = await bundle(code);
  const bytes = gzipSync(output).byteLength;
  console.log(`${bytes} of ${maxBytes} bytes: ${code}`);
  return bytes > maxBytes ? [...problems, `too large, ${bytes} of ${maxBytes} bytes: ${code}`] : problems;
}
