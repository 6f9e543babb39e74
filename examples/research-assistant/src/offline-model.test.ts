// Would catch: a stand-in that says nothing where a question has no words, that answers with what hardly speaks of it, or in Markdown.
import { InMemoryStateStore, InMemoryStreamManager, JSAgentExecutor } from '@helix-agents/sdk';
import { expect, test } from 'vitest';
import { researchAssistant } from './agent.ts';
import { OfflineModel } from './offline-model.ts';

test.each([
  ['???', 'Looking for “???”.'],
  ['👍', 'Looking for “👍”.'],
  ['What about the gate?', 'Looking for gate.'],
])('of %j it says what it looks for', async (text, said) => {
  const parts = [{ type: 'text', text } as const];
  const message = { v: 1, id: 'msg_1', seq: 1, role: 'user', parts, runId: 'run_1', createdAt: 0 } as const;
  const result = await new OfflineModel(() => Promise.resolve()).generateStep({
    system: '',
    messages: [message],
    tools: [],
    toolChoice: 'auto',
    config: {},
    abortSignal: new AbortController().signal,
    callbacks: {},
    agentId: 'ses_1',
    agentType: 'research_assistant',
  });
  expect(result).toMatchObject({ content: said });
});

test('it answers with what speaks of most that was asked, as plain sentences, and quotes it as it stands there', async () => {
  const lines = ['**The gate** is blue and the wall [creaks](b.md).', '', '', 'Elsewhere a wall is old.'];
  const agent = researchAssistant({ name: 'x', documents: [{ path: 'a.md', lines }], skipped: [] });
  const model = new OfflineModel(() => Promise.resolve());
  const executor = new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), model);
  const { output } = await (await executor.execute(agent, 'Which blue wall creaks beside the gate?')).result();
  expect(output).toEqual({
    answer: 'The gate is blue and the wall creaks. No sentence here has the word “beside”.',
    citations: [{ path: 'a.md', fromLine: 1, toLine: 1, quote: lines[0] }],
  });
});
