import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageName, sourceFacts } from '../boundaries/source-facts.ts';
import { codeBlocks } from '../docs/code-blocks.ts';
import { repository, type Manifest } from '../workspaces.ts';
import type { Tarball } from './tarballs.ts';

const maxRunMs = 60_000;

/** As strict as a careful user's, and it reads the declarations that we publish. */
const consumerProject = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(repository, 'node_modules/@types')],
  },
  include: ['agent.ts'],
};

/** Runs the README's first sample where only the tarballs are installed. Returns what it printed; throws otherwise. */
export function readmeAgentRuns(readme: string, folder: string, tarballs: Tarball[]): string {
  const [agent] = codeBlocks(readFileSync(readme, 'utf8'));
  if (!agent) throw new Error('README.md has no ts block to run');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(consumerProject));
  writeFileSync(join(folder, 'agent.ts'), agent.code);
  const run = (program: string, args: string[]) =>
    execFileSync(program, args, { cwd: folder, encoding: 'utf8', timeout: maxRunMs });

  const packages = [...tarballs.map(({ path }) => path), ...thirdParties(agent.code)];
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  run('tsc', ['-p', '.']);
  const printed = run(process.execPath, ['agent.ts']);
  if (printed.trim() === '') throw new Error('the README’s agent prints nothing');
  return printed;
}

/** What the sample imports beside our packages, in the version that the repository is tested with. */
function thirdParties(code: string): string[] {
  const names = sourceFacts('agent.ts', code).imports.map(packageName);
  const theirs = names.filter((name) => !name.startsWith('@helix-agents') && !name.startsWith('node:'));
  return theirs.map((name) => {
    const manifest = readFileSync(join(repository, 'node_modules', name, 'package.json'), 'utf8');
    return `${name}@${(JSON.parse(manifest) as Manifest).version}`;
  });
}
