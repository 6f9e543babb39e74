export { isRunning, listProcesses } from './process-table.ts';
export type { ProcessEntry } from './process-table.ts';
