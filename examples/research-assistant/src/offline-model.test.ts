// Would catch: a stand-in that says nothing where a question has no words.
import { expect, test } from 'vitest';
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
