// Would catch: a page whose copy of the custom state keeps, or has twice, a change that was taken back.
import {
  applyPatch,
  defineAgent,
  type ChunkBody,
  type CommitOutcome,
  type Json,
  type StoredChunk,
  resolvePorts,
} from '@helix-agents/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inProcess } from '../../test/chat-fixture.ts';
import { streamTurn } from './stream-turn.ts';

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

it('where a change is taken back and something is missing behind it, what follows waits for the record all the same', async () => {
  const { executor, stateStore, streamManager } = inProcess(
    async () => ({ type: 'text', content: 'Done.' }),
    agent as never,
  );
  const { runId } = await executor.execute(agent, 'Go', { sessionId: 's1' });
  await (await executor.getHandle(agent, 's1'))?.result();
  const ended = (await stateStore.load('s1'))!;
  const origin = { agentId: 's1', agentType: 'assistant', runId, step: 1, attempt: 1, timestamp: 0 };
  const chunk = (sequence: number, body: ChunkBody): StoredChunk => ({ sequence, chunk: { ...origin, ...body } });
  const pages = [
    [chunk(1, { type: 'state_patch', operations: [] })],
    [
      chunk(2, { type: 'rewound', toSequence: 0 }),
      chunk(3, { type: 'gap' }),
      chunk(4, { type: 'text_delta', delta: 'one.' }),
    ],
  ];
  // The record stands behind the gap only when it is asked once more.
  const stands = [4, 1];
  stateStore.load = async () => ({ ...ended, streamSequence: (pages.length === 0 && stands.pop()) || 4 });
  streamManager.read = async () => ({ chunks: pages.shift() ?? [], last: 4, floor: 0 });
  const session = { ...ended, messageCount: 1, streamSequence: 0 };
  const clock = resolvePorts().clock;
  const { signal: abortSignal } = new AbortController();
  const words: string[] = [];
  const from = { stateStore, streamManager, clock, session, abortSignal, sendStatePatches: true };
  for await (const told of streamTurn(from))
    for (const one of told) if (one.type === 'text-delta') words.push(one.delta);
  expect(words).toEqual(['Done.']);
});
