import { defineAgent, defineTool, type LLMAdapter } from '@helix-agents/core';
import { z } from 'zod';

/** An agent that uses its tool once and then talks. */
export function talker(onBody: () => void) {
  const look = defineTool({
    name: 'look',
    description: 'Looks',
    inputSchema: z.object({}),
    execute: () => {
      onBody();
      return 'seen';
    },
  });
  return defineAgent({ name: 'talker', systemPrompt: '', tools: [look] });
}

/** @param pause - What it waits for in the middle of what it says. */
export function talkerModel(pause: () => Promise<void>): LLMAdapter {
  return {
    generateStep: async ({ messages, callbacks }) => {
      if (!messages.some(({ role }) => role === 'tool'))
        return { type: 'tool_calls', toolCalls: [{ id: 'look', name: 'look', arguments: {} }] };
      callbacks.onTextDelta?.('half ');
      await pause();
      callbacks.onTextDelta?.('whole');
      return { type: 'text', content: 'half whole' };
    },
  };
}
