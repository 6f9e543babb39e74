// Would catch: a page whose copy of the custom state keeps, or has twice, a change that was taken back.
import { applyPatch, defineAgent, type CommitOutcome, type Json } from '@helix-agents/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inProcess } from '../../test/chat-fixture.ts';

const stateSchema = z.object({ marks: z.array(z.string()).default([]) });
const agent = defineAgent({
  name: 'assistant',
  systemPrompt: '',
  stateSchema,
  hooks: { afterLLMCall: (_, { updateState }) => updateState(({ marks }) => void marks.push('called')) },
});

it('a change of the state that goes out again, as its commit was refused for a stop, is told once', async () => {
  const server = inProcess(async () => ({ type: 'text', content: 'Done.' }), agent as never, {
    sendStatePatches: true,
  });
  const { stateStore, executor, snapshot } = server;
  const commit = stateStore.commit.bind(stateStore);
  const outcomes: CommitOutcome[] = [];
  stateStore.commit = async (sessionId, change) => {
    if (outcomes.length > 0 || change.run?.op !== 'end') return commit(sessionId, change);
    await executor.interrupt(agent, sessionId);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const outcome = await commit(sessionId, change);
    outcomes.push(outcome);
    return outcome;
  };
  const states: Json[] = [];
  const chat = server.chat('s1', undefined, {
    onData: (part) => {
      if (part.type === 'data-state-patch') states.push(applyPatch(states.at(-1) ?? null, part.data.operations));
    },
  });
  await chat.sendMessage({ text: 'Go' });
  expect(outcomes).toMatchObject([{ landed: false, reason: 'inbox-moved' }]);
  expect(states.at(-1)).toEqual((await snapshot('s1')).state);
});
