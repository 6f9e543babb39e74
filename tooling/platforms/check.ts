// Bundles what is promised to run on any platform, as a user's bundler would, and weighs what has a budget.
// The bundler resolves no `node:` module for a neutral platform, so an import of one fails here by name.
import { gzipSync } from 'node:zlib';
import { build, type BuildFailure } from 'esbuild';
import { rooms } from '../boundaries/rooms.ts';
import { publishedPackages, repository, type Workspace } from '../workspaces.ts';
import { budgets, type Budget } from './budgets.ts';

const neutral = publishedPackages(repository).filter(({ folder }) => rooms[folder]?.neutral);
const problems = [...(await Promise.all(neutral.map(bundles))), ...(await Promise.all(budgets.map(fits)))].flat();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 || neutral.length === 0 ? 1 : 0;

async function bundles({ manifest }: Workspace): Promise<string[]> {
  const entries = Object.keys(manifest.exports ?? {}).map((path) => `${manifest.name}${path.slice(1)}`);
  const code = entries.map((entry) => `export * from '${entry}';`).join('\n');
  const { problems } = await bundle(code, Object.keys(manifest.peerDependencies ?? {}));
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}

async function fits({ code, maxBytes }: Budget): Promise<string[]> {
  const { problems, output } = await bundle(code, []);
  const bytes = gzipSync(output).byteLength;
  console.log(`${bytes} of ${maxBytes} bytes: ${code}`);
  return bytes > maxBytes ? [...problems, `too large, ${bytes} of ${maxBytes} bytes: ${code}`] : problems;
}

async function bundle(code: string, external: string[]): Promise<{ problems: string[]; output: Uint8Array }> {
  try {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: repository },
      bundle: true,
      external,
      format: 'esm',
      logLevel: 'silent',
      mainFields: ['module', 'main'],
      minify: true,
      platform: 'neutral',
      target: 'es2024',
      write: false,
    });
    return { problems: [], output: outputFiles[0]?.contents ?? new Uint8Array() };
  } catch (error) {
    const { errors } = error as BuildFailure;
    const problems = errors.map(({ text, location }) => `${text} (${location?.file}:${location?.line})`);
    return { problems, output: new Uint8Array() };
  }
}
