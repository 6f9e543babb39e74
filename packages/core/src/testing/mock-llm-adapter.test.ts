// Would catch: a test of several agents that passes although one of them answered with the words of another, or not at all.
import { expect, it } from 'vitest';
import type { LLMGenerateInput } from '../contracts/llm-adapter.ts';
import { MockLLMAdapter, RoutingMockLLMAdapter } from './mock-llm-adapter.ts';

function request(agentType: string, heard: string[] = []): LLMGenerateInput {
  return {
    system: '',
    messages: [],
    tools: [],
    toolChoice: 'auto',
    config: {},
    abortSignal: new AbortController().signal,
    callbacks: { onTextDelta: (delta) => heard.push(delta), onThinking: (content) => heard.push(`(${content})`) },
    agentId: 's',
    agentType,
  };
}

it('a mock model answers from its script, streams what it says in words, and fails at the end of the script', async () => {
  const model = new MockLLMAdapter([
    { type: 'text', content: 'Hello you  there', thinking: { content: 'hm' } },
    ({ agentType }) => ({ type: 'text', content: agentType }),
  ]);
  const heard: string[] = [];
  await model.generateStep(request('a', heard));
  expect(heard).toEqual(['(hm)', 'Hello ', 'you  ', 'there']);
  expect(await model.generateStep(request('b'))).toMatchObject({ content: 'b' });
  expect([model.remaining, model.requests.length]).toEqual([0, 2]);
  await expect(model.generateStep(request('a'))).rejects.toMatchObject({ code: 'provider_error', retryable: false });
});

it('a mock model tells the parts of a reply in their order, files and sources among them', async () => {
  const file = { type: 'file', mediaType: 'image/png', url: 'data:,x' } as const;
  const source = { type: 'source', sourceType: 'url', sourceId: 's', url: 'https://x.test/' } as const;
  const parts = [
    { type: 'text', text: 'This ' },
    file,
    source,
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'that' },
  ] as const;
  const heard: unknown[] = [];
  const input = request('a', heard as string[]);
  input.callbacks.onFile = (given) => heard.push(given);
  input.callbacks.onSource = (given) => heard.push(given);
  await new MockLLMAdapter([{ type: 'text', content: 'This that', parts }]).generateStep(input);
  expect(heard).toEqual(['This ', file, source, '(hm)', 'that']);
});

it.each([undefined, {}, 'Hello'])('a script that is no list of replies is refused: %j', (script) => {
  const refusal = { code: 'input_invalid', message: 'MockLLMAdapter takes a list of replies' };
  expect(() => new MockLLMAdapter(script as never)).toThrow(expect.objectContaining(refusal));
  expect(() => new RoutingMockLLMAdapter({ a: script as never })).toThrow(expect.objectContaining(refusal));
});

it.each([undefined, 'Hello'])('scripts of several agents that are not by their names are refused: %j', (scripts) => {
  const refusal = {
    code: 'input_invalid',
    message: 'RoutingMockLLMAdapter takes lists of replies, by the names of their agents',
  };
  expect(() => new RoutingMockLLMAdapter(scripts as never)).toThrow(expect.objectContaining(refusal));
});

it('a function that streams its text itself is not repeated', async () => {
  const model = new MockLLMAdapter([
    ({ callbacks }) => {
      callbacks.onTextDelta?.('Once ');
      callbacks.onTextDelta?.('upon');
      return { type: 'text', content: 'Once upon' };
    },
  ]);
  const heard: string[] = [];
  await model.generateStep(request('a', heard));
  expect(heard).toEqual(['Once ', 'upon']);
});

it('a mock model of several agents answers each from its own script, whoever asks first', async () => {
  const model = new RoutingMockLLMAdapter({
    writer: [
      { type: 'text', content: 'draft one' },
      { type: 'text', content: 'draft two' },
    ],
    critic: [{ type: 'text', content: 'too long' }],
  });
  const heard: string[] = [];
  expect(await model.generateStep(request('writer', heard))).toMatchObject({ content: 'draft one' });
  expect(await model.generateStep(request('critic'))).toMatchObject({ content: 'too long' });
  expect(await model.generateStep(request('writer'))).toMatchObject({ content: 'draft two' });
  expect(heard).toEqual(['draft ', 'one']);
  expect(model.for('writer').requests.map(({ agentType }) => agentType)).toEqual(['writer', 'writer']);
  expect([model.for('writer').remaining, model.for('critic').remaining]).toEqual([0, 0]);
});

it('a mock model of several agents names the one that it has no script for', async () => {
  const model = new RoutingMockLLMAdapter({ writer: [] });
  expect(() => model.for('nobody')).toThrow(expect.objectContaining({ code: 'agent_not_found' }));
  await expect(model.generateStep(request('nobody'))).rejects.toThrow('nobody');
});
