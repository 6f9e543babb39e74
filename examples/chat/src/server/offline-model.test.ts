// Would catch: a model that begins anew below the half of an answer at which it was stopped.
import type { LLMGenerateInput, MessagePart, MessageRecord } from '@helix-agents/sdk';
import { describe, expect, it } from 'vitest';
import { OfflineModel } from './offline-model.ts';
import { longText } from './offline-texts.ts';

const record = (role: MessageRecord['role'], parts: readonly MessagePart[], more = {}): MessageRecord => ({
  v: 1,
  id: 'm',
  role,
  parts,
  runId: 'r',
  createdAt: 0,
  seq: 1,
  ...more,
});
const user = (text: string) => record('user', [{ type: 'text', text }]);
const cut = (text: string) => record('assistant', [{ type: 'text', text }], { interrupted: true });

/** What the model says and does next in a conversation. */
async function goOn(messages: readonly MessageRecord[]) {
  let text = '';
  let thought = '';
  const callbacks = {
    onTextDelta: (delta: string) => void (text += delta),
    onThinking: (delta: string) => void (thought += delta),
  };
  const input = { messages, callbacks, abortSignal: new AbortController().signal } as unknown as LLMGenerateInput;
  const result = await new OfflineModel(() => Promise.resolve()).generateStep(input);
  return { text, thought, result };
}

describe('an answer that was stopped', () => {
  const words = longText.match(/\S+\s*/g) ?? [];
  const until = (from: number, to?: number) => words.slice(from, to).join('');

  it('goes on after the last word that was seen, however often it was stopped', async () => {
    const asked = user('Tell me something long');
    expect(await goOn([asked, cut(until(0, 40))])).toMatchObject({
      text: until(40),
      result: { type: 'text', content: until(40) },
    });
    expect((await goOn([asked, cut(until(0, 40)), cut(until(40, 50))])).text).toBe(until(50));
    const told = record('context', [{ type: 'text', text: 'Your reply was stopped there.' }]);
    expect((await goOn([asked, cut(until(0, 40)), told])).text).toBe(until(40));
  });

  it('comes to the call that it was about to make, without a second thought', async () => {
    const { text, thought, result } = await goOn([user('What is 1 + 1?'), cut('Let me ')]);
    expect({ text, thought, type: result.type }).toEqual({ text: 'work that out.', thought: '', type: 'tool_calls' });
  });

  it('to another question is left alone', async () => {
    const { text } = await goOn([user('Tell me something long'), cut(until(0, 40)), user('Tell me something long')]);
    expect(text).toBe(longText);
  });

  it('goes on after a tool, too', async () => {
    const called = record('tool', [
      {
        type: 'tool-result',
        toolCallId: 'c',
        toolName: 'calculate',
        outcome: { type: 'result', value: { result: 2 } },
      },
    ]);
    const { text } = await goOn([user('What is 1 + 1?'), called, cut('The ')]);
    expect(text).toBe('result is **2**.');
  });
});
