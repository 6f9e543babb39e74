import type { Report } from './report.ts';

/** One JSON object a line, on standard output. */
export function jsonReport(write: (text: string) => void): Report {
  const line = (event: string, facts: object) => write(`${withoutControls(JSON.stringify({ event, ...facts }))}\n`);
  return {
    begin: (facts) => line('begin', facts),
    skipped: (files) => files.forEach(({ path, reason }) => line('skipped', { path, reason })),
    recovered: (progress, results) => line('recovered', { ...progress, results }),
    resumed: (progress, results) => line('resumed', { ...progress, results }),
    follows: (progress) => line('follows', progress),
    retry: (retry) => line('retry', retry),
    notice: (text) => line('notice', { text }),
    chunk: (chunk) => line('chunk', { chunk }),
    end: (result, usage, milliseconds) => line('end', { result, usage, milliseconds }),
    problem: ({ message, code, unharmed, nextStep }) => line('problem', { message, code, unharmed, nextStep }),
  };
}

/** JSON escapes only some of the control characters that a terminal obeys. */
function withoutControls(json: string): string {
  return json.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
