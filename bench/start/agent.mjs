// A first agent as a user writes it. It says so when its first tool call runs.
import { defineAgent, defineTool } from '@helix-agents/sdk';

/** Which library makes the schema is the user's choice, and its loading is no time of ours. */
export const handWritten = {
  '~standard': {
    version: 1,
    vendor: 'hand',
    validate: (value) => (typeof value?.name === 'string' ? { value } : { issues: [{ message: 'name is no string' }] }),
    jsonSchema: { input: () => ({ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }) },
  },
};

export const agentWith = (inputSchema) =>
  defineAgent({
    name: 'first',
    systemPrompt: 'You greet.',
    tools: [
      defineTool({
        name: 'greet',
        description: 'Greets somebody',
        inputSchema,
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
