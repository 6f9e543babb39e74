import {
  defineAgent,
  defineTool,
  withoutTypes,
  type Agent,
  type LLMAdapter,
  type LLMGenerateInput,
  type StepResult,
} from '@helix-agents/core';
import { z } from 'zod';
import { finding, query, thought } from './texts.ts';

const stateSchema = z.object({ found: z.number().default(0), last: z.string().default('') });

const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks something up in the sources',
  inputSchema: z.object({ query: z.string(), limit: z.number().int() }),
  execute: () => ({ finding, page: 12 }),
});

const lookUpAndNote = defineTool({
  name: 'look_up',
  description: 'Looks something up in the sources, and notes that it did',
  inputSchema: z.object({ query: z.string(), limit: z.number().int() }),
  execute: ({ query: asked }, { updateState }) => {
    updateState<z.infer<typeof stateSchema>>((state) => {
      state.found += 1;
      state.last = asked;
    });
    return { finding, page: 12 };
  },
});

interface LoopOptions {
  /** Each call also changes the custom state. */
  readonly writesState?: boolean;
  /** Asked after each step whether the run ends. Default: after so many steps. */
  readonly finishesWhen?: () => boolean;
  /** For adapters that ask one. */
  readonly model?: unknown;
}

/** An agent whose run has exactly so many steps of one tool call: it ends with the results of the last one. */
export function loopingAgent(steps: number, { writesState = false, finishesWhen, model }: LoopOptions = {}): Agent {
  const agent = defineAgent({
    name: 'looping',
    systemPrompt: 'You look things up until you are told to stop.',
    stateSchema,
    tools: [writesState ? lookUpAndNote : lookUp],
    maxSteps: Infinity,
    stopWhen: ({ stepCount }) => finishesWhen?.() ?? stepCount >= steps,
    llmConfig: { model },
  });
  return withoutTypes(agent);
}

/** A model that answers at once, with one tool call after some deltas of text. It keeps nothing. */
export class InstantModel implements LLMAdapter {
  readonly #deltas: readonly string[];

  constructor(deltas = 1) {
    const length = Math.ceil(thought.length / deltas);
    this.#deltas = Array.from({ length: deltas }, (_, index) => thought.slice(index * length, (index + 1) * length));
  }

  async generateStep({ messages, callbacks }: LLMGenerateInput): Promise<StepResult> {
    for (const delta of this.#deltas) callbacks.onTextDelta?.(delta);
    return {
      type: 'tool_calls',
      content: thought,
      toolCalls: [{ id: `call_${messages.length}`, name: 'look_up', arguments: { query, limit: 3 } }],
      usage: { input: 1200, output: 90, total: 1290 },
    };
  }
}
