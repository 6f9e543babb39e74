import type { Output } from '../output.ts';
import { jsonReport } from './json-report.ts';
import type { Report } from './report.ts';
import { textReport } from './text-report.ts';

/** How the program is to tell what happens. */
export interface ReportSettings {
  /** One JSON object a line. */
  readonly json: boolean;
  /** Standard output is a terminal. */
  readonly terminal: boolean;
  /** No colours are wanted, or none are known. */
  readonly plain: boolean;
}

/** A terminal gets everything, in colours; a pipe the answer alone, as plain text, with the way to it on standard error. */
export function chooseReport({ json, terminal, plain }: ReportSettings, { out, err }: Output): Report {
  if (json) return jsonReport(out);
  return textReport(out, terminal ? out : err, terminal && !plain);
}
