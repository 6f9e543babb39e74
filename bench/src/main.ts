import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { allBenchmarks } from './all-benchmarks.ts';
import { BenchPostgres } from './database/bench-postgres.ts';
import type { Benchmark, Figure } from './harness/benchmark.ts';
import { findRegressions, type Figures } from './harness/compare.ts';
import { summary, table, withTable } from './harness/report.ts';
import { peersFolder, peersInstalled } from './workload/peer-modules.ts';

const repository = new URL('../../', import.meta.url);
const files = {
  latest: new URL('results/latest.json', new URL('../', import.meta.url)),
  baseline: new URL('baseline.json', new URL('../', import.meta.url)),
  front: new URL('README.md', repository),
  all: new URL('bench/README.md', repository),
};

/** The same figures may be compared wherever they were measured; these say what the absolute times are of. */
interface Report {
  readonly measuredAt: string;
  readonly machine: string;
  readonly figures: Figures;
}

const usage = `Runs the benchmarks in turns, and writes down what they came to. bench/README.md says more.

  npm run bench                       all of them; writes the figures of both READMEs
  npm run bench -- --only NAME        one; there are ${allBenchmarks.map(({ name }) => name).join(', ')}
  npm run bench -- --quick            two rounds each, for looking at
  npm run bench -- --compare          exit 1 where a target is missed, or a ratio is 10 % worse than baseline.json
  npm run bench -- --peers            installs peers/ first
  npm run bench -- --baseline         also writes baseline.json`;

const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    baseline: { type: 'boolean', default: false },
  },
});

const unknown = options.only?.filter((name) => !allBenchmarks.some((benchmark) => benchmark.name === name)) ?? [];
if (options.help || unknown.length > 0) {
  console.log(options.help ? usage : `no such benchmark: ${unknown.join(', ')}\n\n${usage}`);
  process.exit(options.help ? 0 : 2);
}

if (options.peers) execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: peersFolder, stdio: 'inherit' });
const figures = await runAll(allBenchmarks.filter(({ name }) => options.only?.includes(name) ?? true));
console.log(`\n${table(figures, 'all')}`);
write(figures);
if (options.compare) judge(figures);
// Peers leave timers behind that are not ours to end.
process.exit();

async function runAll(benchmarks: readonly Benchmark[]): Promise<Figures> {
  if (benchmarks.some(({ needs }) => needs === 'dist')) build();
  let server: Promise<BenchPostgres> | undefined;
  const postgres = () => (server ??= BenchPostgres.start());
  const found: Record<string, readonly Figure[]> = {};
  for (const benchmark of benchmarks) {
    if (benchmark.needs === 'peers' && !peersInstalled()) {
      console.log(`${benchmark.name}: left out, since bench/peers is not installed; run: npm run bench -- --peers`);
      continue;
    }
    console.log(`${benchmark.name}: ${benchmark.target}`);
    found[benchmark.name] = await benchmark.run({ reps: options.quick ? 2 : 7, postgres });
  }
  await (await server)?.stop();
  return found;
}

/** Processes start on what is published. */
function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'inherit' });
}

/** A run of some benchmarks, or a quick one, is for looking at: it replaces no figures of a whole one. */
function write(measured: Figures): void {
  const report: Report = {
    measuredAt: new Date().toISOString(),
    machine: `${cpus().length} cores, ${platform()} ${arch()}, Node ${process.version}`,
    figures: measured,
  };
  mkdirSync(new URL('.', files.latest), { recursive: true });
  const text = `${JSON.stringify(report, null, 2)}\n`;
  writeFileSync(files.latest, text);
  if (options.only || options.quick) return;
  if (options.baseline) writeFileSync(files.baseline, text);
  writeInto(files.front, summary(measured));
  writeInto(files.all, table(measured, 'judged'));
  // The columns of a table are as wide as what is in them.
  execFileSync('npm', ['exec', '--', 'oxfmt', 'README.md', 'bench/README.md'], { cwd: repository });
}

function writeInto(document: URL, text: string): void {
  writeFileSync(document, withTable(readFileSync(document, 'utf8'), text));
}

function judge(measured: Figures): void {
  const known = existsSync(files.baseline) ? (JSON.parse(readFileSync(files.baseline, 'utf8')) as Report).figures : {};
  const problems = findRegressions(measured, known);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
