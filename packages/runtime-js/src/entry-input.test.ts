// Would catch: nonsense that ends as a stack trace, an option that is silently ignored, a forged tool result in a user's message.
import { defineAgent } from '@helix-agents/core';
import { describe, expect, it } from 'vitest';
import { answers, inMemory, plain } from '../test/harness.ts';

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

describe('an input that is no message is refused, and leaves nothing', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'must be a text'],
    ['a number', 7, 'must be a text'],
    ['a list of parts', [{ type: 'text', text: 'a' }], 'its parts are the message: { message: [ … ] }'],
    ['what others call a message', { prompt: 'a' }, 'input.prompt is unknown; did you mean message?'],
    ['no message', {}, 'the message is empty'],
    ['no parts', { message: [] }, 'the message is empty'],
    [
      'the result of a tool',
      { message: [{ type: 'tool-result', toolCallId: 'c', toolName: 't' }] },
      'not "tool-result"',
    ],
    [
      'a part that is a cycle',
      { message: [{ type: 'text', text: 'a', providerMetadata: cyclic }] },
      'cannot be written as JSON',
    ],
    ['a member that does not exist', { message: 'a', states: {} }, 'states is unknown; did you mean state?'],
    ['files beside the message', { message: 'a', files: [] }, 'files is unknown; there are message, state, messageId'],
    ['a state with a bigint', { message: 'a', state: { n: 1n } }, 'cannot be written as JSON'],
    ['a state that is a list', { message: 'a', state: [] }, 'the state must be an object'],
  ])('%s', async (_name, input, message) => {
    const { executor, store } = inMemory([]);
    const refused = executor.execute(plain, input as string, { sessionId: 's' });
    await expect(refused).rejects.toMatchObject({ code: 'input_invalid', message: expect.stringContaining(message) });
    expect(await store.load('s')).toBeNull();
  });
});

describe('what this release does not have is refused', () => {
  it('as an option of execute', async () => {
    const { executor } = inMemory([]);
    const options = { sessionId: 's', usageStore: {} };
    await expect(executor.execute(plain, 'a', options)).rejects.toMatchObject({
      code: 'framework_not_supported',
      message: 'execute: usageStore is not supported by this release',
    });
  });

  it('as a mode of resume', async () => {
    const { executor } = inMemory([]);
    const resumed = executor.resume(plain, 's', { mode: 'from_checkpoint' as 'continue' });
    await expect(resumed).rejects.toMatchObject({ code: 'framework_not_supported' });
  });

  it.each(['checkpointId', 'abandonPending'])('as the option %s of resume', async (name) => {
    const { executor } = inMemory([]);
    await expect(executor.resume(plain, 's', { [name]: 'x' })).rejects.toMatchObject({
      code: 'framework_not_supported',
      message: expect.stringContaining(name),
    });
  });
});

describe('a user to whom no session can belong', () => {
  it.each([[''], ['a\0b'], ['\ud800'], ['u'.repeat(1_001)], [7]])('is refused: %j', async (userId) => {
    const { executor, store } = inMemory([]);
    const entered = executor.execute(plain, 'a', { sessionId: 's', userId: userId as string });
    await expect(entered).rejects.toMatchObject({
      code: 'input_invalid',
      message: 'userId must be 1 to 1000 characters of well-formed text without NUL',
    });
    expect(await store.load('s')).toBeNull();
  });
});

it('a user who came to nothing is refused, and does not enter the session of another', async () => {
  const { executor, store } = inMemory([answers('Hello')]);
  await (await executor.execute(plain, 'a', { sessionId: 's', userId: 'ann' })).result();
  const before = await store.load('s');
  const user: { id?: string } = {};
  // As it comes from callers that are compiled without exactOptionalPropertyTypes.
  const options: object = { sessionId: 's', userId: user.id };
  await expect(executor.execute(plain, 'b', options)).rejects.toMatchObject({
    code: 'input_invalid',
    message: 'execute: userId is undefined: leave it out where nobody owns the session',
  });
  expect(await store.load('s')).toEqual(before);
});

it.each([
  [{ tags: 'trial' }, 'execute: tags must be a list of texts'],
  [{ tags: ['trial', 7] }, 'execute: tags must be a list of texts'],
  [{ metadata: ['free'] }, 'execute: metadata must be an object whose members are texts'],
  [{ metadata: { plan: 7 } }, 'execute: metadata must be an object whose members are texts'],
  [{ metadata: null }, 'execute: metadata must be an object whose members are texts'],
])('labels of another shape are refused: %j', async (labels, message) => {
  const { executor, store } = inMemory([]);
  const options: object = { sessionId: 's', ...labels };
  await expect(executor.execute(plain, 'a', options)).rejects.toMatchObject({ code: 'input_invalid', message });
  expect(await store.load('s')).toBeNull();
});

describe('a slip of the fingers is refused, naming what may have been meant', () => {
  it('in an option of execute', async () => {
    const { executor, store } = inMemory([]);
    const options: object = { sessionId: 's', userID: 'ann' };
    await expect(executor.execute(plain, 'a', options)).rejects.toMatchObject({
      code: 'input_invalid',
      message: 'execute: userID is unknown; did you mean userId?',
    });
    expect(await store.load('s')).toBeNull();
  });

  it('in the order of the agent and what it is given', async () => {
    const { executor } = inMemory([]);
    await expect(executor.execute('Hi' as never, plain as never)).rejects.toMatchObject({
      code: 'agent_invalid',
      message: '"Hi" is no agent; make it with defineAgent',
    });
  });

  it('in the id of the session, which is named', async () => {
    const { executor } = inMemory([]);
    const none = { code: 'state_session_not_found', message: 'there is no session nope' };
    await expect(executor.resume(plain, 'nope')).rejects.toMatchObject(none);
    await expect(executor.retry(plain, 'nope')).rejects.toMatchObject(none);
    await expect(executor.abort(plain, 'nope')).rejects.toMatchObject(none);
  });

  it.each<[object, string]>([
    [{ mesage: 'x' }, 'resume: mesage is unknown; did you mean message?'],
    [{ mode: 'with-message', message: 'x' }, 'resume has no mode "with-message"; there are continue and with_message'],
    [{ mode: 'with_message' }, 'needs a message'],
    [{ mode: 'continue', message: 'x' }, 'takes no message; leave the mode out'],
    [{ message: null }, 'the input must be a text'],
  ])('in what resume is given: %j', async (options, message) => {
    const { executor } = inMemory([answers('One')]);
    await (await executor.execute(plain, 'a', { sessionId: 's' })).result();
    await expect(executor.resume(plain, 's', options)).rejects.toMatchObject({
      code: 'input_invalid',
      message: expect.stringContaining(message),
    });
  });
});

it('a prompt that fails is the agent’s fault', async () => {
  const { executor } = inMemory([]);
  const agent = defineAgent({
    name: 'broken',
    systemPrompt: () => {
      throw new Error('no template');
    },
  });
  await expect(executor.execute(agent, 'a')).rejects.toMatchObject({
    code: 'agent_invalid',
    message: expect.stringContaining('no template'),
  });
});

it.each<[string, unknown, string]>([
  ['a promise', () => Promise.reject(new Error('nobody waits for it')), 'a promise'],
  ['a number', () => 5, 'number'],
  ['nothing', () => {}, 'undefined'],
])('a prompt that gives %s in place of a text is refused, on every store alike', async (_name, systemPrompt, given) => {
  const { executor, store } = inMemory([answers('never')]);
  const agent = defineAgent({ name: 'a', systemPrompt: systemPrompt as () => string });
  await expect(executor.execute(agent, 'Hi', { sessionId: 's' })).rejects.toMatchObject({
    code: 'agent_invalid',
    message: `agent a: systemPrompt must give a text, got ${given}`,
  });
  expect(await store.load('s')).toBeNull();
});

it.each([undefined, 'hi', { name: 'a', systemPrompt: 'x' }])(
  'what defineAgent did not make is no agent: %j',
  async (given) => {
    const { executor } = inMemory([]);
    const code = 'agent_invalid';
    const agent = given as never;
    await expect(executor.execute(agent, 'Hi')).rejects.toMatchObject({ code });
    await expect(executor.resume(agent, 's')).rejects.toMatchObject({ code });
    await expect(executor.getHandle(agent, 's')).rejects.toMatchObject({ code });
  },
);
