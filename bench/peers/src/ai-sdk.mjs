// The loop of the benchmarks on the AI SDK's ToolLoopAgent, in memory.
import { isStepCount, tool, ToolLoopAgent } from 'ai';
import { z } from 'zod';

/** @param {{ model: object, finding: string }} given the provider's model that both sides ask, and what the tool finds */
export function start({ model, finding }) {
  const agentOf = (steps) =>
    new ToolLoopAgent({
      model,
      instructions: 'You look things up until you are told to stop.',
      stopWhen: isStepCount(steps),
      tools: {
        look_up: tool({
          description: 'Looks something up in the sources',
          inputSchema: z.object({ query: z.string(), limit: z.number().int() }),
          execute: () => ({ finding, page: 12 }),
        }),
      },
    });
  return {
    async generate(steps) {
      const result = await agentOf(steps).generate({ prompt: 'Look it up.' });
      return result.steps.length;
    },
    async stream(count) {
      const result = await agentOf(count).stream({ prompt: 'Look it up.' });
      let steps = 0;
      for await (const part of result.stream) if (part.type === 'finish-step') steps += 1;
      return steps;
    },
  };
}
