import { defineAgent, defineTool, withoutTypes, type Agent } from '@helix-agents/core';
import { z } from 'zod';

/** An agent that is done after one call; the body of the call is the caller's. */
export function stuckAgent(body: () => Promise<string>): Agent {
  const lookUp = defineTool({
    name: 'look_up',
    description: 'Looks something up in the sources',
    inputSchema: z.object({ query: z.string(), limit: z.number().int() }),
    execute: body,
  });
  const agent = defineAgent({
    name: 'stuck',
    systemPrompt: 'You look something up.',
    tools: [lookUp],
    stopWhen: () => true,
  });
  return withoutTypes(agent);
}
