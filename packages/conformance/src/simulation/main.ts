/// <reference types="node" />
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import { exitCodeOf } from './exit-code.ts';
import { rules } from './judges/rules.ts';
import type { Violation } from './judges/violation.ts';
import { runSeeds, type SeedRange, type SeedReport } from './run-seeds.ts';
import { runWorld } from './run-worlds.ts';

const usage = `Runs the core in seeded worlds, and judges each of their events.

  npm run simulate -- --seeds 10000             worlds of the seeds 1 to 10,000
  npm run simulate -- --seeds 10000 --from 5001 ... from 5,001 on
  npm run simulate -- --seed 42                 one world, with all of its events
  --workers 2                                   threads (default 2)`;

if (isMainThread) process.exitCode = await main();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
else parentPort?.postMessage(await runSeeds(workerData as SeedRange));

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      from: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.seed !== undefined) return replay(wholeNumber('seed', values.seed));
  if (values.help || values.seeds === undefined) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const workers = wholeNumber('workers', values.workers);
  return simulate(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds), workers);
}

/** Tells everything about one world. The same seed prints the same text. */
async function replay(seed: number): Promise<number> {
  const { violation } = await runWorld(seed, { trace: (line) => console.log(line) });
  if (violation) console.log(`\n${told(seed, violation)}\n${violation.rule}: ${rules[violation.rule]}`);
  else console.log(`\nseed ${seed}: no rule was broken`);
  return violation ? 1 : 0;
}

async function simulate(from: number, count: number, workers: number): Promise<number> {
  const startedAt = performance.now();
  const ranges = Array.from({ length: workers }, (_, index) => ({
    from: from + index,
    step: workers,
    end: from + count,
  }));
  const reports = await Promise.all(ranges.map(runInWorker));
  const seconds = (performance.now() - startedAt) / 1_000;
  const runs = reports.reduce((sum, report) => sum + report.runs, 0);
  const events = reports.reduce((sum, report) => sum + report.events, 0);
  const coverage = new Coverage();
  for (const report of reports) coverage.merge(report.coverage);
  const broken = reports.flatMap((report) => report.broken).toSorted((one, other) => one.seed - other.seed);

  console.log(coverage.toText());
  console.log(`\npairs never reached: ${coverage.missingPairs.join(', ') || 'none'}`);
  console.log(`kinds never reached: ${coverage.missing.join(', ') || 'none'}`);
  for (const one of broken.slice(0, 20)) console.log(told(one.seed, one));
  console.log(
    `\n${runs} runs, ${events} events, ${Math.round(runs / seconds)} runs/s on ${workers} threads; ${broken.length} broken`,
  );
  if (broken.length > 0) console.log(`replay one: npm run simulate -- --seed ${broken[0]?.seed}`);
  return exitCodeOf({ broken: broken.length, runs, lacks: coverage.lacks });
}

function told(seed: number, { rule, message }: Violation): string {
  return `seed ${seed} breaks ${rule}: ${message}`;
}

function runInWorker(range: SeedRange): Promise<SeedReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: range, execArgv: process.execArgv });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`--${name} must be a whole number of at least 1, got ${text}`);
}
