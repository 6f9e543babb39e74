/**
 * `npm run docs:check`: type-checks every `ts` block of the READMEs and the guide, and runs it unless its info string says
 * `no-run` with a reason. A block is a program of its own, against the workspaces' sources; what it prints is the `text` block
 * behind it, where there is one. Links between documents lead somewhere.
 */
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratchFolder } from '../scratch-folder.ts';
import { repository } from '../workspaces.ts';
import { codeBlocks, type CodeBlock } from './code-blocks.ts';
import { brokenLinks } from './links.ts';

interface Sample extends CodeBlock {
  /** For a person: `README.md:12`. */
  place: string;
  file: string;
}

const execute = promisify(execFile);
const maxRunMs = 60_000;
const documentsWithSamples = ['README.md', 'packages/*/README.md', 'docs/guide/**/*.md'];

const scratch = scratchFolder('docs');
try {
  const samples = globSync(documentsWithSamples, { cwd: repository }).toSorted().flatMap(readSamples);
  const problems = [
    ...lostLinks(),
    ...unexplained(samples),
    ...(await typeErrors(samples)),
    ...(await failedRuns(samples)),
  ];
  for (const problem of problems) console.error(problem);
  console.log(`${samples.length} samples, ${problems.length} problems`);
  process.exitCode = problems.length > 0 || samples.length === 0 ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function readSamples(document: string): Sample[] {
  return codeBlocks(readFileSync(join(repository, document), 'utf8')).map((block) => {
    const file = join(scratch, `${document.replaceAll(/\W+/g, '-')}-${block.line}.ts`);
    // Blank lines put the code where it stands in the document, so that errors name the right line.
    writeFileSync(file, `${'\n'.repeat(block.line - 1)}${block.code}`);
    return { ...block, file, place: `${document}:${block.line}` };
  });
}

function lostLinks(): string[] {
  const documents = globSync('{*.md,docs/**/*.md,bench/README.md,{packages,examples,tests}/*/README.md}', {
    cwd: repository,
  });
  return documents
    .toSorted()
    .flatMap((path) => brokenLinks(path.replaceAll('\\', '/'), readFileSync(join(repository, path), 'utf8'), textOf));
}

/** Only a document is read. */
function textOf(path: string): string | null {
  const place = join(repository, path);
  if (!existsSync(place)) return null;
  return path.endsWith('.md') ? readFileSync(place, 'utf8') : '';
}

function unexplained(samples: Sample[]): string[] {
  return samples
    .filter(({ noRun }) => noRun && !noRun.reason)
    .map(({ place }) => `${place}: a block that is not run gives its reason="…"`);
}

async function typeErrors(samples: Sample[]): Promise<string[]> {
  if (samples.length === 0) return [];
  const project = join(scratch, 'tsconfig.json');
  writeFileSync(project, JSON.stringify({ extends: '../../tsconfig.tests.json', include: ['*.ts'], references: [] }));
  const { failure } = await run('tsc', ['-p', project]);
  return failure === undefined ? [] : [failure];
}

async function failedRuns(samples: Sample[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { file, place, prints } of samples.filter(({ noRun }) => !noRun)) {
    const { stdout, failure } = await run(process.execPath, [...process.execArgv, file]);
    if (failure !== undefined) problems.push(`${place} does not run:\n${failure}`);
    else if (prints !== undefined && stdout.trimEnd() !== prints.trimEnd())
      problems.push(`${place} prints something else than the document says:\n${stdout}`);
  }
  return problems;
}

async function run(program: string, args: string[]): Promise<{ stdout: string; failure?: string }> {
  try {
    return await execute(program, args, { cwd: repository, timeout: maxRunMs });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    return { stdout, failure: `${stdout}${stderr}` || message };
  }
}
