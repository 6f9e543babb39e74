// Would catch: an answer with a made-up citation, a note of words that stand nowhere, a document that is read elsewhere than in its folder.
import { InMemoryStateStore, InMemoryStreamManager, JSAgentExecutor, type ToolOutcome } from '@helix-agents/sdk';
import { MockLLMAdapter, type MockStep } from '@helix-agents/sdk/testing';
import { expect, test } from 'vitest';
import { researchAssistant } from './agent.ts';

const lines = ['# Garden', '', 'The blue gate opens at seven.', 'Tomatoes are watered on Tuesdays.'];
const agent = researchAssistant({
  name: 'x',
  documents: [{ path: 'garden.md', lines }],
  skipped: [{ path: 'picture.bin', reason: 'it is not text' }],
});
const cited = { path: 'garden.md', fromLine: 3, toLine: 3, quote: 'opens at seven' };

const calls = (...wanted: readonly (readonly [name: string, input: object])[]): MockStep => ({
  type: 'tool_calls',
  toolCalls: wanted.map(([name, input], index) => ({ id: `${name}-${index}`, name, arguments: input })),
});
const finish = (citation: object) => calls(['__finish__', { answer: 'At seven.', citations: [citation] }]);

/** What a run of these replies comes to, and what its calls came to. */
async function run(...script: MockStep[]) {
  const stateStore = new InMemoryStateStore();
  const executor = new JSAgentExecutor(stateStore, new InMemoryStreamManager(), new MockLLMAdapter(script));
  const handle = await executor.execute(agent, 'When does the gate open?', { sessionId: 's' });
  const result = await handle.result();
  const messages = await stateStore.messagesAfter('s', 0);
  const outcomes = messages.flatMap(({ parts }) =>
    parts.flatMap((part): ToolOutcome[] => (part.type === 'tool-result' ? [part.outcome] : [])),
  );
  return { result, outcomes, state: (await handle.getState()).customState };
}

test('an answer whose citation is made up is refused with the reason, and the next one may be right', async () => {
  const { result, outcomes } = await run(finish({ ...cited, quote: 'opens at eight' }), finish(cited));
  expect(outcomes[0]).toMatchObject({
    type: 'error',
    error: { code: 'tool_input_invalid', message: expect.stringContaining('do not say this word for word') },
  });
  expect(result).toMatchObject({ status: 'completed', stepCount: 2, output: { citations: [cited] } });
});

test('notes are kept in the custom state, and only of words that stand there', async () => {
  const { path, fromLine, toLine } = cited;
  const note = (text: string) => ['keep_note', { path, fromLine, toLine, text }] as const;
  const { outcomes, state } = await run(calls(note('opens at seven'), note('opens at eight')), finish(cited));
  expect(outcomes.slice(0, 2)).toMatchObject([{ type: 'result' }, { type: 'error', error: { code: 'tool_failed' } }]);
  expect(state).toEqual({ notes: [{ path, fromLine, toLine, text: 'opens at seven' }] });
});

test('searching finds places, reading gives their lines, and what is not in the folder is not read', async () => {
  const { outcomes } = await run(
    calls(
      ['search_documents', { query: 'tomatoes castle' }],
      ['read_document', { path: 'garden.md', fromLine: 3, lines: 1 }],
      ['read_document', { path: 'picture.bin' }],
      ['read_document', { path: '../secret.md' }],
    ),
    finish(cited),
  );
  expect(outcomes.slice(0, 4)).toMatchObject([
    { type: 'result', value: { documents: 1 } },
    { type: 'result', value: { fromLine: 3, lines: [lines[2]], total: 4 } },
    { type: 'error', error: { message: 'picture.bin is not readable: it is not text' } },
    { type: 'error', error: { message: 'there is no document ../secret.md' } },
  ]);
  expect(JSON.stringify(outcomes[0])).toContain('Tomatoes are watered on Tuesdays.');
  expect(JSON.stringify(outcomes[0])).toContain('castle');
});
