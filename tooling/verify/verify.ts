import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { repository } from '../workspaces.ts';
import { stages, type Stage } from './stages.ts';

const usage = `Runs every stage, one line each, with the output of those that fail: all of them, so that one run tells everything.

  npm run verify                      all stages
  npm run verify -- lint types        these; there are ${stages.map(({ name }) => name).join(', ')}
  npm run verify -- --without-tests   leaves the tests to a separate npm test`;

const { values, positionals } = parseArgs({
  options: { 'without-tests': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const unknown = positionals.filter((name) => stages.every((stage) => stage.name !== name));
if (values.help || unknown.length > 0) {
  console.log(values.help ? usage : `no such stage: ${unknown.join(', ')}\n\n${usage}`);
  process.exit(values.help ? 0 : 2);
}

const chosen = stages
  .filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  .filter(({ name }) => !(values['without-tests'] && name === 'tests'));
const failed = chosen.filter((stage) => !passes(stage));
console.log(failed.length === 0 ? 'verified' : `failed: ${failed.map(({ name }) => name).join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes({ name, commands, live }: Stage): boolean {
  const start = performance.now();
  let output = '';
  const passed = commands.every(([program, ...args]) => {
    const stdio = live ? 'inherit' : 'pipe';
    const result = spawnSync(program, args, {
      cwd: repository,
      stdio: ['ignore', stdio, stdio],
      encoding: 'utf8',
      maxBuffer: Infinity,
    });
    output += `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
    return result.status === 0;
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(11)} ${seconds.padStart(6)} s`);
  if (!passed) console.log(output);
  return passed;
}
