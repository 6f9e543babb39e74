import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const program = `
import { startPostgres } from '@helix-agents/postgres-embedded';
const server = await startPostgres({ durability: 'none' });
await server.stop();
`;

/**
 * Starts a Postgres where only the tarballs are installed: its supervisor is a program that the package finds beside its own file,
 * which no import tells. Throws where it does not start.
 */
export function postgresStarts(folder: string): void {
  writeFileSync(join(folder, 'postgres.mjs'), program);
  execFileSync(process.execPath, ['postgres.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 60_000,
  });
}
