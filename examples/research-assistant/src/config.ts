import {
  misuse,
  modelVariables,
  readDatabaseUrl,
  readModel,
  withoutEmpty,
  type ModelSettings,
} from '@helix-agents/example-environment';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** What the command line and the environment ask for. */
export interface Settings {
  /** null: only what was left open is finished. */
  readonly question: string | null;
  /** An absolute path; null: the folder of the session, or this repository's own documents. */
  readonly dir: string | null;
  readonly sessionId: string | null;
  readonly crashAfter: number | null;
  readonly json: boolean;
  readonly model: ModelSettings;
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

/** What is asked where nobody asks anything: of this repository's documents, which say so. */
const sampleQuestion = 'How does a run survive a crash?';

const usage = 'npm run demo -- "your question" [--dir path] [--session id] [--crash-after N] [--json]';
/** What `--help` prints. */
export const help = `${usage}

Answers a question from a folder of documents, with citations that quote them.
Without a question and a folder: "${sampleQuestion}", of this repository's.

  --dir path        the folder, or one text file; default: this repository's docs and READMEs. A session keeps its folder
  --session id      goes on with a session: finishes what was left open, or asks the next question
  --crash-after N   ends the process by SIGKILL when N steps are durable
  --json            one JSON object a line
  --help            this

  HELIX_MODEL       anthropic:MODEL, openai:MODEL or http://host/v1#MODEL; default: rules that work offline
  DATABASE_URL      a Postgres of your own; default: an embedded one
  HELIX_DATA_DIR    where the embedded one keeps its data; default: .cache/research-assistant
`;

/** Whether the command line asks for help, and for nothing else therefore. */
export function asksForHelp(argv: readonly string[]): boolean {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  return options.includes('--help') || options.includes('-h');
}

const repository = fileURLToPath(new URL('../../../', import.meta.url));

const environment = modelVariables.extend({
  DATABASE_URL: z.string().optional(),
  HELIX_DATA_DIR: z.string().optional(),
  /** Where npm was called: it runs its scripts somewhere else. */
  INIT_CWD: z.string().optional(),
});

/** Reads the command line and the environment, once. Throws a {@link Problem} that names the option or variable and the fix. */
export function readSettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings {
  const { values, positionals } = readArguments(argv);
  const variables = environment.parse(withoutEmpty(env));
  const fromCaller = (path: string) => resolve(variables.INIT_CWD ?? '.', path);
  const isBare = positionals.length === 0 && values.dir === undefined && values.session === undefined;
  const question = isBare ? sampleQuestion : readQuestion(positionals);
  if (question === '' && values.session === undefined) throw misuse('the question is empty', usage);
  return {
    question: question === '' ? null : question,
    dir: values.dir === undefined ? null : fromCaller(named('--dir', values.dir)),
    sessionId: values.session === undefined ? null : named('--session', values.session),
    crashAfter: values['crash-after'] === undefined ? null : wholeNumber(values['crash-after']),
    json: values.json,
    model: readModel(variables),
    databaseUrl: readDatabaseUrl(variables.DATABASE_URL),
    dataDir: fromCaller(variables.HELIX_DATA_DIR ?? `${repository}.cache/research-assistant`),
  };
}

/** Several words are a question without quotes, or options that npm took away because no `--` stood before them. */
function readQuestion(positionals: readonly string[]): string {
  const [question = '', ...more] = positionals;
  if (more.length === 0) return question.trim();
  const words = positionals.map((word) => JSON.stringify(word)).join(' ');
  throw misuse(`the question came in ${positionals.length} parts: ${words}`, `quote it, after --: ${usage}`);
}

function named(option: string, value: string): string {
  if (value.trim() !== '') return value;
  throw misuse(`${option} names nothing`, usage);
}

function readArguments(argv: readonly string[]) {
  const string = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { dir: string, session: string, 'crash-after': string, json: { type: 'boolean', default: false } },
    });
  } catch (error) {
    const [message] = error instanceof Error ? error.message.split(/[.\n]/) : [String(error)];
    throw misuse(message ?? 'the options cannot be read', usage);
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw misuse(`--crash-after takes a whole number of at least 1, not ${JSON.stringify(text)}`, usage);
}
