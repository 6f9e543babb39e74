import { defineAgent, defineTool } from '@helix-agents/sdk';
import { z } from 'zod';
import { calculate } from './arithmetic.ts';

const calculator = defineTool({
  name: 'calculate',
  description: 'Works out an arithmetic expression of numbers, + - * / and brackets.',
  inputSchema: z.object({ expression: z.string().max(500) }),
  replay: 'safe',
  execute: ({ expression }) => calculate(expression),
});

const clock = defineTool({
  name: 'current_time',
  description: 'The date and time in a time zone.',
  inputSchema: z.object({ timeZone: z.string().default('UTC').describe('IANA name, such as Europe/Lisbon') }),
  replay: 'safe',
  execute: ({ timeZone }) => {
    const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone });
    return { timeZone, now: format.format(new Date()) };
  },
});

/** The agent behind the page. */
export const assistant = defineAgent({
  name: 'assistant',
  systemPrompt:
    'You are a calm and helpful assistant in a chat. Answer briefly and clearly, in Markdown where it helps. ' +
    'Use the tools for arithmetic and for the time rather than guessing.',
  tools: [calculator, clock],
});
