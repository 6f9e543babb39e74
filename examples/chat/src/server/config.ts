import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { modelVariables, readModel, type ModelSettings } from './model-settings.ts';
import { Problem } from './problem.ts';

/** What the environment asks for. */
export interface Settings {
  readonly port: number;
  readonly model: ModelSettings;
  /** null: an embedded Postgres that keeps its data in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

const environment = modelVariables.extend({
  PORT: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  HELIX_DATA_DIR: z.string().optional(),
});

/** Reads the environment, once. Throws a {@link Problem} that names the variable and the fix. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const variables = environment.parse(withoutEmpty(env));
  return {
    port: readPort(variables.PORT),
    model: readModel(variables),
    databaseUrl: readDatabaseUrl(variables.DATABASE_URL),
    dataDir: variables.HELIX_DATA_DIR ?? `${repository}.cache/chat`,
  };
}

/** A variable that is set to nothing is not set: so it is in every shell script and compose file. */
function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

/** What is refused is not shown: it may hold a password. */
function readDatabaseUrl(url: string | undefined): string | null {
  if (url === undefined) return null;
  if (url.startsWith('/') || (/^(postgres(ql)?|socket):/.test(url) && URL.canParse(url))) return url;
  throw new Problem(
    'DATABASE_URL names no Postgres',
    'set it to postgres://user:password@host:5432/database, or unset it to use the embedded one',
  );
}

function readPort(text = '4600'): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Problem(`PORT is ${JSON.stringify(text)}`, 'set it to a number from 0 to 65535, or leave it out');
}
