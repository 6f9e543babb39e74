import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where an embedded server keeps its cluster in its `dataDir`. */
export function pgdataOf(dataDir: string): string {
  const version = readdirSync(dataDir).find((name) => /^\d+$/.test(name)) ?? '';
  return join(dataDir, version, 'pgdata');
}
