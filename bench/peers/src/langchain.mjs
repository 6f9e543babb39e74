// The loop of the benchmarks on LangChain's createAgent with its Postgres saver.
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from '@langchain/core/messages';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { createAgent, tool } from 'langchain';
import pg from 'pg';
import { z } from 'zod';

/** Answers at once: so many tool calls, then a word that ends the loop. */
class InstantChatModel extends BaseChatModel {
  constructor({ reply, steps }) {
    super({});
    this.reply = reply;
    this.steps = steps;
  }
  _llmType() {
    return 'instant';
  }
  bindTools() {
    return this;
  }
  async _generate(messages) {
    const made = messages.filter((message) => message.getType() === 'tool').length;
    const { text, query } = this.reply;
    const calls = made < this.steps ? [{ id: `call_${made}`, name: 'look_up', args: { query, limit: 3 } }] : [];
    const message = new AIMessage({ content: calls.length > 0 ? text : 'done', tool_calls: calls });
    return { generations: [{ message, text }] };
  }
}

/**
 * @param {{ connectionString: string, reply: { text: string, query: string }, finding: string, waits?: boolean }} given
 *   `waits`: whether a step waits until the one before it is saved; by default it does not
 */
export async function start({ connectionString, reply, finding, waits = false }) {
  const pool = new pg.Pool({ connectionString, max: 10 });
  const checkpointer = new PostgresSaver(pool);
  await checkpointer.setup();
  const lookUp = tool(() => JSON.stringify({ finding, page: 12 }), {
    name: 'look_up',
    description: 'Looks something up in the sources',
    schema: z.object({ query: z.string(), limit: z.number().int() }),
  });
  let threads = 0;
  return {
    async run(steps) {
      const agent = createAgent({ model: new InstantChatModel({ reply, steps }), tools: [lookUp], checkpointer });
      threads += 1;
      const configurable = { thread_id: `thread-${threads}` };
      const durability = waits ? 'sync' : 'async';
      const config = { configurable, recursionLimit: 4 * steps + 10, durability };
      const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'Look it up.' }] }, config);
      return messages.length;
    },
    close: () => pool.end(),
  };
}
