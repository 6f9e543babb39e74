import { misuse, Problem } from '@helix-agents/example-environment';
import type { Logger } from '@helix-agents/sdk';
import { readSettings } from './config.ts';
import { startChat } from './start-chat.ts';

const logger: Logger = {
  log: (level, message, fields) => {
    if (level === 'warn' || level === 'error') console.error(`${level}: ${message}`, fields ?? '');
  },
};

const help = `npm run chat

Serves a chat page with an agent on a real Postgres.

  PORT             where it listens; default: 4600
  HELIX_MODEL      anthropic:MODEL, openai:MODEL or http://host/v1#MODEL; default: rules that work offline
  DATABASE_URL     a Postgres of your own; default: an embedded one
  HELIX_DATA_DIR   where the embedded one keeps its data; default: .cache/chat
`;

async function main(): Promise<void> {
  const [argument] = process.argv.slice(2);
  if (argument === '--help' || argument === '-h') return void process.stdout.write(help);
  try {
    if (argument !== undefined)
      throw misuse(`the chat has no option ${argument}`, 'leave it out; npm run chat -- --help tells what can be set');
    const chat = await startChat(readSettings(process.env), logger);
    console.log(`Chat at ${chat.url} (model: ${chat.model}). Ctrl-C ends it.`);
    void chat.lost.then(endWithDatabase);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void chat.close());
  } catch (error) {
    process.exitCode = error instanceof Problem ? error.exitCode : 1;
    if (!(error instanceof Problem)) return console.error(error);
    console.error(`problem: ${error.message}. Next: ${error.nextStep}`);
  }
}

/** Without its database it serves nobody, and would keep the port from the next one. Conversations in flight go on there. */
function endWithDatabase(): never {
  console.error('problem: the database has ended. Next: npm run chat');
  process.exit(1);
}

await main();
