import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, defineTool, withoutTypes, type Agent, type Replay } from '@helix-agents/core';
import { z } from 'zod';

const stateSchema = z.object({
  log: z.array(z.string()).default([]),
  sum: z.number().default(0),
  by: z.record(z.string(), z.number()).default({}),
});

/** What the soak's agents keep: each call that settles writes once to every field. */
export type SoakState = z.infer<typeof stateSchema>;

const inputSchema = z.object({ ms: z.number(), fails: z.boolean() });

/** What a verified call comes to of which the file says that its body began: it wrote nothing to the state. */
export const verifiedResult = 'verified';

/** The names that the model calls; the last is no tool. */
export const toolNames = ['never', 'safe', 'verified', 'alone', 'alone_safe', 'missing'] as const;

/** How often a body of a tool may begin, over all processes. */
export function maxBodiesOf(toolName: string): number {
  return toolName === 'safe' || toolName === 'alone_safe' ? 3 : 1;
}

/** One that ends with a text, and one that owes an output. Each body leaves a line in the file when it begins. */
export function soakAgents(effectsPath: string): readonly Agent[] {
  const verify: Replay<unknown> = {
    verify: ({ dispatchId }) =>
      readFileSync(effectsPath, 'utf8').includes(`${dispatchId}\n`)
        ? { status: 'settled', result: verifiedResult }
        : { status: 'not-done' },
  };
  const shared = {
    systemPrompt: '',
    stateSchema,
    reducers: { log: 'append', sum: 'sum', by: 'merge' },
    llmConfig: { maxRetries: 6 },
    tools: [
      soakTool(effectsPath, 'never', 'never'),
      soakTool(effectsPath, 'safe', 'safe'),
      soakTool(effectsPath, 'verified', verify),
      soakTool(effectsPath, 'alone', 'never', true),
      soakTool(effectsPath, 'alone_safe', 'safe', true),
    ],
  } as const;
  return [
    withoutTypes(defineAgent({ name: 'soak_text', ...shared })),
    withoutTypes(defineAgent({ name: 'soak_output', ...shared, outputSchema: z.object({ answer: z.string() }) })),
  ];
}

function soakTool(effectsPath: string, name: string, replay: Replay<unknown>, sequential = false) {
  return defineTool({
    name,
    description: name,
    inputSchema,
    replay,
    sequential,
    execute: async ({ ms, fails }, { toolCallId, dispatchId, updateState, emit, recordUsage, abortSignal }) => {
      appendFileSync(effectsPath, `${dispatchId}\n`);
      emit('began', toolCallId);
      // Some listen to a stop, some do not.
      await sleep(ms, undefined, ms % 2 === 0 ? { signal: abortSignal } : {});
      if (fails) throw new Error('the tool fails');
      updateState<SoakState>((draft) => {
        draft.log.push(toolCallId);
        draft.sum += 1;
        draft.by[toolCallId] = 1;
      });
      recordUsage('bodies', 1);
      return toolCallId;
    },
  });
}
