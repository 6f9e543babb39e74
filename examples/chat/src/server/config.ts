import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Problem } from './problem.ts';

/** What the environment asks for. */
export interface Settings {
  readonly port: number;
  readonly model: ModelSettings;
  /** null: an embedded Postgres that keeps its data in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

/** Which model answers. */
export type ModelSettings =
  | { readonly kind: 'offline'; readonly wordMs: number }
  | {
      readonly kind: 'anthropic' | 'openai';
      readonly modelId: string;
      readonly apiKey: string;
      readonly baseUrl: string | null;
    };

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

const environment = z.object({
  PORT: z.string().optional(),
  HELIX_MODEL: z.string().optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  HELIX_DATA_DIR: z.string().optional(),
});
type Environment = z.infer<typeof environment>;

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

const keyVariables = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY' } as const;

function readModel(env: Environment): ModelSettings {
  const wanted = env.HELIX_MODEL;
  if (!wanted) return { kind: 'offline', wordMs: 28 };
  const [, kind, modelId] = /^(anthropic|openai):(.+)$/.exec(wanted) ?? [];
  if ((kind !== 'anthropic' && kind !== 'openai') || !modelId)
    throw new Problem(`HELIX_MODEL is ${JSON.stringify(wanted)}`, 'set it to anthropic:MODEL or openai:MODEL');
  const apiKey = env[keyVariables[kind]];
  if (!apiKey)
    throw new Problem(`${keyVariables[kind]} is not set`, 'set it to your key, or unset HELIX_MODEL to work offline');
  const baseUrl = (kind === 'anthropic' ? env.ANTHROPIC_BASE_URL : env.OPENAI_BASE_URL) ?? null;
  return { kind, modelId, apiKey, baseUrl };
}
