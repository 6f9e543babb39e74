import type { Figure } from './benchmark.ts';
import { meetsTarget, targetText, type Figures } from './compare.ts';
import { short } from './figures.ts';

const begin = '<!-- bench:start -->';
const end = '<!-- bench:end -->';

/** The figures as a markdown table: those that are judged, or all. */
export function table(figures: Figures, which: 'judged' | 'all'): string {
  const rows = Object.entries(figures).flatMap(([benchmark, found]) =>
    found.filter(({ target }) => which === 'all' || target).map((figure) => row(benchmark, figure)),
  );
  return [
    '| Benchmark | Figure | Median (min to max) | Target | Behind it |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** A document with the table between its markers; unchanged where it has none. */
export function withTable(document: string, text: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) return document;
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

function row(benchmark: string, figure: Figure): string {
  const { name, median, min, max, unit, target, note = '' } = figure;
  const mark = meetsTarget(figure) === false ? ' (missed)' : '';
  const unitText = unit === 'times' ? '×' : ` ${unit}`;
  const value =
    min === max ? `${short(median)}${unitText}` : `${short(median)}${unitText} (${short(min)} to ${short(max)})`;
  return `| ${benchmark} | ${name} | ${value} | ${target ? targetText(target) + mark : ''} | ${note} |`;
}
