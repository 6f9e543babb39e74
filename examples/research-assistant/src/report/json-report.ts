import type { Report } from './report.ts';

/** One JSON object a line, on standard output. */
export function jsonReport(write: (text: string) => void): Report {
  const line = (event: string, facts: object) => write(`${JSON.stringify({ event, ...facts })}\n`);
  return {
    begin: (facts) => line('begin', facts),
    skipped: (path, reason) => line('skipped', { path, reason }),
    recovered: (facts) => line('recovered', facts),
    notice: (text) => line('notice', { text }),
    chunk: (chunk) => line('chunk', { chunk }),
    end: (result, usage, milliseconds) => line('end', { result, usage, milliseconds }),
    problem: (message, nextStep) => line('problem', { message, nextStep }),
  };
}
