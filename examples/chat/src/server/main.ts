import type { Logger } from '@helix-agents/sdk';
import { readSettings } from './config.ts';
import { Problem } from './problem.ts';
import { startChat } from './start-chat.ts';

const logger: Logger = {
  log: (level, message, fields) => {
    if (level === 'warn' || level === 'error') console.error(`${level}: ${message}`, fields ?? '');
  },
};

async function main(): Promise<void> {
  try {
    const chat = await startChat(readSettings(process.env), logger);
    console.log(`Chat at ${chat.url} (model: ${chat.model}). Ctrl-C ends it.`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void chat.close());
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof Problem)) return console.error(error);
    console.error(`problem: ${error.message}. Next: ${error.nextStep}`);
  }
}

await main();
