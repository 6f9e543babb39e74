import {
  misuse,
  modelVariables,
  readDatabaseUrl,
  readModel,
  withoutEmpty,
  type ModelSettings,
} from '@helix-agents/example-environment';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What the environment asks for. */
export interface Settings {
  readonly port: number;
  readonly model: ModelSettings;
  /** How long the offline rules take for a word. */
  readonly wordMs: number;
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

/** Reads the environment, once. Throws a `Problem` that names the variable and the fix. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const variables = environment.parse(withoutEmpty(env));
  return {
    port: readPort(variables.PORT),
    model: readModel(variables),
    wordMs: 28,
    databaseUrl: readDatabaseUrl(variables.DATABASE_URL),
    dataDir: variables.HELIX_DATA_DIR ?? `${repository}.cache/chat`,
  };
}

function readPort(text = '4600'): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw misuse(`PORT is ${JSON.stringify(text)}`, 'set it to a number from 0 to 65535, or leave it out');
}
