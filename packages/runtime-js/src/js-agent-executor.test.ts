// Would catch: a store, stream manager or adapter of another contract that runs, and breaks a session in the middle of a turn.
import { defineAgent, type Logger } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter } from '@helix-agents/core/testing';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
import { action, answers, calls, gate, hangs, inMemory, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

const of = <T extends object>(part: T, contract: unknown): T => Object.assign(part, { contract });
const newStore = () => new InMemoryStateStore();
const newStreams = () => new InMemoryStreamManager();
const model = () => new MockLLMAdapter([answers('Hello')]);

describe('an executor', () => {
  it.each<[string, () => JSAgentExecutor, string]>([
    [
      'a state store',
      () => new JSAgentExecutor(of(newStore(), 'helix.session-state-store/99'), newStreams(), model()),
      'the state store speaks helix.session-state-store/99, not helix.session-state-store/2',
    ],
    [
      'a stream manager',
      () => new JSAgentExecutor(newStore(), of(newStreams(), undefined), model()),
      'the stream manager names no contract; it must be helix.stream-manager/2',
    ],
    [
      'a model adapter',
      () => new JSAgentExecutor(newStore(), newStreams(), of(model(), 'helix.llm-adapter/2')),
      'the model adapter speaks helix.llm-adapter/2, not helix.llm-adapter/1',
    ],
    [
      'parts in the wrong order',
      () => new JSAgentExecutor(newStreams() as never, newStore() as never, model()),
      'the state store speaks helix.stream-manager/2, not helix.session-state-store/2',
    ],
    [
      'no state store',
      () => new JSAgentExecutor(undefined as never, newStreams(), model()),
      'the state store names no contract',
    ],
    [
      'no model adapter',
      () => new JSAgentExecutor(newStore(), newStreams(), undefined as never),
      'the model adapter has no generateStep',
    ],
    [
      'a model of the AI SDK',
      () => new JSAgentExecutor(newStore(), newStreams(), { specificationVersion: 'v4', doStream() {} } as never),
      'as a VercelAIAdapter makes of a model of the AI SDK',
    ],
  ])('refuses %s of another contract', (_name, construct, message) => {
    expect(construct).toThrow(
      expect.objectContaining({ code: 'framework_contract_mismatch', message: expect.stringContaining(message) }),
    );
  });

  it('is closed when nothing of its runs is under way any more, also of those that ended', async () => {
    const clock = new FakeClock();
    const { executor, store } = inMemory([answers('Hello')], { clock });
    const told = gate();
    const agent = defineAgent({ name: 'a', systemPrompt: '', hooks: { onAgentComplete: () => told.promise } });
    await executor.execute(agent, 'Hi', { sessionId: 's' });
    await expect.poll(async () => (await store.head('s'))?.phase).toBe('ended');
    let closed = false;
    const closing = executor.close().then(() => (closed = true));
    await clock.advance(0);
    expect(closed).toBe(false);
    told.resolve();
    await closing;
  });

  it('that is closed gives no session to others while a body of it runs', async () => {
    const clock = new FakeClock();
    const { executor, store } = inMemory([calls(['slow', {}])], { clock });
    const [begun, end] = [gate(), gate()];
    const execute = () => {
      begun.resolve();
      return end.promise;
    };
    const slow = action('slow', execute);
    await executor.execute(defineAgent({ name: 'a', systemPrompt: '', tools: [slow] }), 'Hi');
    await begun.promise;
    const given = vi.spyOn(store, 'closeHolder');
    const closing = executor.close();
    await clock.advance(100);
    expect(given).not.toHaveBeenCalled();
    end.resolve();
    await closing;
    expect(given).toHaveBeenCalledOnce();
  });

  it.each([
    ['is away', () => Promise.reject(new Error('the store is away'))],
    ['does not answer', () => hangs()],
  ])('is closed also where its store %s, so that the rest of a shutdown is done', async (_, closeHolder) => {
    const clock = new FakeClock();
    const { executor, store } = inMemory([hangs], { clock });
    await executor.execute(plain, 'Hi', { sessionId: 's' });
    store.closeHolder = closeHolder;
    const closing = executor.close();
    await clock.advance(20_000);
    expect(await closing).toBe(undefined);
  });

  it('is closed also where its store falls silent while it lets go of its sessions, and says so', async () => {
    const clock = new FakeClock();
    const lines: unknown[] = [];
    const logger: Logger = { log: (...line) => void lines.push(line) };
    const { executor, store } = inMemory([hangs], { clock, logger });
    await executor.execute(plain, 'Hi', { sessionId: 's' });
    Object.assign(store, { closeHolder: hangs, commit: hangs, head: hangs, load: hangs });
    const closing = executor.close();
    await clock.advance(20_000);
    expect(await closing).toBe(undefined);
    expect(lines).toContainEqual([
      'warn',
      'closed before all sessions were let go of: the store does not answer',
      { sessions: 1 },
    ]);
  });

  it.each([
    ['nothing', undefined, 'answered undefined of type undefined'],
    ['what another library calls a reply', { text: 'Hello' }, 'answered an object of type undefined'],
    ['a type that there is not', { type: 'message', content: 'Hello' }, 'answered an object of type "message"'],
  ])('fails a run whose model adapter answers %s, and says what it must answer', async (_, answer, message) => {
    const byHand = { generateStep: async () => answer as never };
    const handle = await new JSAgentExecutor(newStore(), newStreams(), byHand).execute(plain, 'Hi');
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      error: {
        code: 'provider_bad_response',
        message: `the adapter ${message}; the type must be text, tool_calls or error`,
      },
    });
  });

  const called = { id: 'c1', name: 'note', arguments: { text: 'a' } };
  it.each<[string, object, string]>([
    ['a text without its text', { type: 'text', content: null }, 'content must be a text, got null'],
    ['calls that are no list', { type: 'tool_calls' }, 'toolCalls must be a list, got undefined'],
    ['a call that is none', { type: 'tool_calls', toolCalls: [null] }, 'toolCalls[0].id must be a text, got undefined'],
    [
      'a call without an id',
      { type: 'tool_calls', toolCalls: [called, { ...called, id: undefined }] },
      'toolCalls[1].id must be a text, got undefined',
    ],
    [
      'a call of no id',
      { type: 'tool_calls', toolCalls: [{ ...called, id: '' }] },
      'toolCalls[0].id must be a text, got ""',
    ],
    [
      'a call without a name',
      { type: 'tool_calls', toolCalls: [{ ...called, name: undefined }] },
      'toolCalls[0].name must be a text, got undefined',
    ],
    [
      'words beside calls that are no text',
      { type: 'tool_calls', content: ['Hm'], toolCalls: [called] },
      'content must be a text, got a list',
    ],
  ])('fails a run whose model adapter answers %s, and names the member', async (_, answer, problem) => {
    const byHand = { generateStep: async () => answer as never };
    const [store, streams] = [newStore(), newStreams()];
    const handle = await new JSAgentExecutor(store, streams, byHand).execute(plain, 'Hi', { sessionId: 's' });
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      error: { code: 'provider_bad_response', message: `the reply of the adapter: ${problem}`, retryable: false },
    });
    expect((await handle.getState()).messages).toHaveLength(1);
  });

  it('takes a reply of a model adapter whose calls come with no words, as providers say it', async () => {
    const script = [{ type: 'tool_calls', content: null, toolCalls: [called] }, answers('Done')];
    const byHand = { generateStep: async () => script.shift() as never };
    const handle = await new JSAgentExecutor(newStore(), newStreams(), byHand).execute(plain, 'Hi');
    expect(await handle.result()).toMatchObject({ output: 'Done' });
  });

  it('takes a model adapter that answers at once', async () => {
    const byHand = { generateStep: () => answers('Hello') as never };
    const handle = await new JSAgentExecutor(newStore(), newStreams(), byHand).execute(plain, 'Hi');
    expect(await handle.result()).toMatchObject({ output: 'Hello' });
  });

  it('takes a model adapter that is written by hand and names no contract', async () => {
    const byHand = { generateStep: async () => answers('Hello') };
    const handle = await new JSAgentExecutor(newStore(), newStreams(), byHand).execute(plain, 'Hi');
    expect(await handle.result()).toMatchObject({ output: 'Hello' });
  });
});
