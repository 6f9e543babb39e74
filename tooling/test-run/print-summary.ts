// Prints the last run's result in one line; nothing when no run left a report.
import { formatSummary, readSummary } from './report.ts';

const summary = readSummary();
if (summary) console.log(formatSummary(summary));
