import type { Figure } from './benchmark.ts';
import { meetsTarget, targetText, type Figures } from './compare.ts';
import { short } from './figures.ts';

const begin = '<!-- bench:start -->';
const end = '<!-- bench:end -->';

/** What says most to somebody who has not read how it is measured. */
export const telling: ReadonlySet<string> = new Set([
  'time, 20 steps, streams in memory (durable-loop)',
  'state commits, streams in Postgres (durable-loop)',
  'WAL, streams in memory (durable-loop)',
  '100 sessions (many-sessions)',
  'step 1,000 beside step 20 (long-session)',
  'faster than DBOS (peers)',
  'faster than LangChain (peers)',
  'p99 of the delivery, 50 deltas a second (stream-latency)',
  'from SIGKILL to the first commit (takeover)',
]);

const header = ['| Benchmark | Figure | Median (min to max) | Target | Behind it |', '| --- | --- | --- | --- | --- |'];

/** The figures as a markdown table: those that are judged, or all. */
export function table(figures: Figures, which: 'judged' | 'all'): string {
  const rows = list(figures).filter(({ figure }) => which === 'all' || figure.target);
  return [...header, ...rows.map(row)].join('\n');
}

/** A few figures as a markdown table, and below it all that miss their targets. */
export function summary(figures: Figures): string {
  const judged = list(figures).filter(({ figure }) => figure.target);
  const missed = judged.filter(({ figure }) => !meetsTarget(figure));
  const kept = `${judged.length - missed.length} of ${judged.length} figures keep their targets.`;
  const rows = judged.filter((one) => telling.has(nameOf(one)));
  const lost = missed.map((one) => `- ${nameOf(one)}: ${valueOf(one.figure)}, target ${targetOf(one.figure)}`);
  const below = missed.length === 0 ? [kept] : [`${kept} Missed:`, '', ...lost];
  return [...header, ...rows.map(row), '', ...below].join('\n');
}

/** A document with the table between its markers; unchanged where it has none. */
export function withTable(document: string, text: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) return document;
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

interface Listed {
  readonly benchmark: string;
  readonly figure: Figure;
}

function list(figures: Figures): Listed[] {
  return Object.entries(figures).flatMap(([benchmark, found]) => found.map((figure) => ({ benchmark, figure })));
}

function nameOf({ benchmark, figure }: Listed): string {
  return `${figure.name} (${benchmark})`;
}

function row({ benchmark, figure }: Listed): string {
  const { name, min, max, note = '' } = figure;
  const mark = meetsTarget(figure) === false ? ' (missed)' : '';
  const spread = min === max ? '' : ` (${short(min)} to ${short(max)})`;
  return `| ${benchmark} | ${name} | ${valueOf(figure)}${spread} | ${targetOf(figure)}${mark} | ${note} |`;
}

function valueOf({ median, unit }: Figure): string {
  return `${short(median)}${unit === 'times' ? '×' : ` ${unit}`}`;
}

function targetOf({ target }: Figure): string {
  return target ? targetText(target) : '';
}
