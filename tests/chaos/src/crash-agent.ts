import { appendFileSync, readFileSync } from 'node:fs';
import {
  defineAgent,
  defineTool,
  HelixError,
  type LLMAdapter,
  type LLMGenerateInput,
  type StepResult,
} from '@helix-agents/core';
import { z } from 'zod';

/** Says in a file that a body began, so that the outside world remembers what a killed process did. */
function effectFile(path: string) {
  return {
    began: (tool: string, dispatchId: string) => appendFileSync(path, `${tool} ${dispatchId}\n`),
    has: (dispatchId: string) => readFileSync(path, 'utf8').includes(` ${dispatchId}\n`),
  };
}

/** An agent whose undisturbed run passes every boundary of the loop that a first process can pass. */
export function crashAgent(effectsPath: string) {
  const effects = effectFile(effectsPath);
  const state = z.object({ marks: z.array(z.string()).default([]) });
  type State = z.infer<typeof state>;
  const tool = (
    name: string,
    { ms, ...options }: { readonly ms?: number; readonly sequential?: boolean; readonly replay: 'never' | 'safe' },
  ) =>
    defineTool({
      name,
      description: name,
      inputSchema: z.object({}),
      ...options,
      execute: async (_input, context) => {
        effects.began(name, context.dispatchId);
        if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
        context.updateState<State>((draft) => void draft.marks.push(name));
        context.recordUsage('marks', 1);
        return `${name} done`;
      },
    });
  const verified = defineTool({
    name: 'verified',
    description: 'Can tell whether it happened.',
    inputSchema: z.object({}),
    replay: {
      verify: ({ dispatchId }) =>
        effects.has(dispatchId) ? { status: 'settled', result: 'verified done' } : { status: 'not-done' },
    },
    execute: (_input, { dispatchId }) => {
      effects.began('verified', dispatchId);
      return 'verified done';
    },
  });
  return defineAgent({
    name: 'crash',
    systemPrompt: '',
    stateSchema: state,
    reducers: { marks: 'append' },
    outputSchema: z.object({ summary: z.string() }),
    tools: [
      tool('once', { replay: 'never' }),
      tool('slow', { replay: 'safe', ms: 40 }),
      tool('first', { replay: 'safe', sequential: true }),
      tool('second', { replay: 'safe', sequential: true }),
      verified,
    ],
  });
}

/**
 * Answers by the length of the transcript alone, so that every process tells the same story. Its second step fails once in the
 * record: `hasFailed` says whether a process before this one wrote that down.
 */
export class CrashModel implements LLMAdapter {
  #failed: boolean;

  constructor(hasFailed: boolean) {
    this.#failed = hasFailed;
  }

  async generateStep({ messages, callbacks }: LLMGenerateInput): Promise<StepResult> {
    const step = messages.filter(({ role }) => role === 'assistant').length;
    callbacks.onTextDelta?.(`step ${step + 1} `);
    callbacks.onTextDelta?.('begins');
    if (step === 1 && !this.#failed) {
      this.#failed = true;
      return { type: 'error', error: new HelixError('provider_overloaded', 'try again'), usage: tokens(3, 0) };
    }
    const usage = tokens(10 + messages.length, step);
    return { type: 'tool_calls', content: `step ${step + 1} begins`, toolCalls: script[step] ?? [], usage };
  }
}

const script = [
  [call('once'), call('slow')],
  [call('first'), call('second')],
  [call('verified')],
  [{ id: 'end', name: '__finish__', arguments: { summary: 'all done' } }],
];

function tokens(input: number, output: number) {
  return { input, output, total: input + output };
}

function call(name: string) {
  return { id: name, name, arguments: {} };
}
