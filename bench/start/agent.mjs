// A first agent as a user writes it. It says so when its first tool call runs.
import { defineAgent, defineTool } from '@helix-agents/sdk';
import { z } from 'zod';

export const agent = defineAgent({
  name: 'first',
  systemPrompt: 'You greet.',
  tools: [
    defineTool({
      name: 'greet',
      description: 'Greets somebody',
      inputSchema: z.object({ name: z.string() }),
      execute: ({ name }) => {
        process.stdout.write('first step\n');
        return `Hello, ${name}.`;
      },
    }),
  ],
  stopWhen: () => true,
});

export const model = {
  generateStep: async () => ({
    type: 'tool_calls',
    toolCalls: [{ id: 'call_1', name: 'greet', arguments: { name: 'you' } }],
  }),
};
