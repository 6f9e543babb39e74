// Prints the last run's result in one line; nothing when no run left a report. Where `CI` is set, it fails with the run.
import { formatSummary, isClean, readSummary } from './report.ts';

const summary = readSummary();
if (summary) console.log(formatSummary(summary));
if (summary && process.env['CI'] && !isClean(summary)) process.exitCode = 1;
