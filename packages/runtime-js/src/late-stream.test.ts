// Would catch: a run of which nobody sees anything because its stream could not be opened for a moment, or one that waits for it.
import {
  followSession,
  HelixError,
  type StepResult,
  type StreamChunk,
  type StreamFrame,
  type StreamManager,
} from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { expect, it } from 'vitest';
import {
  answers,
  calls,
  collect,
  gate,
  hanging,
  inMemory,
  LastingStore,
  plain,
  streamed,
  streamOf,
  textOf,
} from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

const away = () => Promise.reject(new HelixError('state_store_unavailable', 'the stream is away'));

/** From now on the stream is opened by these in turn, and then as it is. */
function opens(streams: StreamManager, ...instead: readonly StreamManager['openWriter'][]): void {
  const open = streams.openWriter.bind(streams);
  let count = 0;
  streams.openWriter = (...given) => (instead[count++] ?? open)(...given);
}

/** What an owner wrote that is gone, and its record does not stand for. */
async function leaveWords(streams: StreamManager, streamId: string): Promise<void> {
  const origin = { agentId: 's', agentType: 'plain', runId: 'gone', step: 1, attempt: 1, timestamp: 0 };
  const former = await streams.openWriter(streamId, { runId: 'gone', epoch: 1, attempt: 1 });
  const words = [1, 2].map((): StreamChunk => ({ ...origin, type: 'text_delta', delta: 'left' }));
  await former.append(1, words);
}

it('a stream that could not be opened takes what was said before and after it could', async () => {
  const { executor, streams } = inMemory([calls(['note', { text: 'a' }]), answers('Everything')]);
  opens(streams, away, away, away);
  const handle = await executor.execute(plain, { message: 'Hi', state: { notes: [] } }, { sessionId: 's' });
  const heard = await collect(await handle.stream());
  expect(heard.map(({ type }) => type)).toEqual([
    'tool_start',
    'tool_end',
    'state_patch',
    'step_end',
    'text_delta',
    'step_end',
    'output',
  ]);
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'Everything' });
});

it.each([
  ['before', 0],
  ['after', 10],
])(
  'what a former owner left behind the record is not taken for what comes late, %s the reply is there',
  async (_, ms) => {
    const clock = new FakeClock();
    const { executor, streams, store } = inMemory([answers('The first. '), answers('The second.')], { clock });
    await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
    await leaveWords(streams, await streamOf(store, 's'));
    const open = streams.openWriter.bind(streams);
    opens(streams, away, async (...of) => {
      if (ms > 0) await clock.sleep(ms);
      return open(...of);
    });
    const second = await executor.execute(plain, 'And now?', { sessionId: 's' });
    await clock.advance(100);
    await second.result();
    expect(await textOf({ store, streams }, 's')).toBe('The first. The second.');
    expect((await store.load('s'))?.streamSequence).toBe((await streamed({ store, streams }, 's')).last);
  },
);

it('places that the record stands for, and the stream lost, are not given to what comes late', async () => {
  const { executor, streams, store } = inMemory([answers('The first'), answers('The second')]);
  await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
  const stands = (await store.load('s'))?.streamSequence ?? 0;
  await streams.deleteStream(await streamOf(store, 's'));
  opens(streams, away);
  await (await executor.execute(plain, 'And now?', { sessionId: 's' })).result();
  const { chunks } = await streamed({ store, streams }, 's');
  expect(chunks.slice(0, stands)).toMatchObject(Array.from({ length: stands }, () => ({ chunk: { type: 'gap' } })));
  expect(await textOf({ store, streams }, 's')).toBe('The second');
});

/** A turn that is over before the stream took a word of it: the first append does not answer, and is lost after so long. */
async function turnBeforeItsWords(lostAfterMs: number) {
  const clock = new FakeClock();
  const { executor, streams, store } = inMemory([answers('The first. '), answers('The second.')], { clock });
  const lost = clock.sleep(lostAfterMs).then(away);
  const open = streams.openWriter.bind(streams);
  opens(streams, async (...of) => {
    const writer = await open(...of);
    const appends = [() => lost];
    return {
      startSequence: 0,
      append: (...batch) => appends.pop()?.() ?? writer.append(...batch),
    };
  });
  await executor.execute(plain, 'Hi', { sessionId: 's' });
  await clock.advance(1_000);
  expect((await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'completed' });
  expect(await textOf({ store, streams }, 's')).toBe('');
  return { clock, executor, store, streams };
}

it('what a turn said that was over before the stream had it comes before the next turn of this process', async () => {
  const { clock, executor, store, streams } = await turnBeforeItsWords(1_500);
  const second = await executor.execute(plain, 'And now?', { sessionId: 's' });
  await clock.advance(900);
  expect(await second.result()).toMatchObject({ status: 'completed' });
  expect(await textOf({ store, streams }, 's')).toBe('The first. The second.');
});

it('a turn does not wait for ever for what the stream has not taken of the turn before', async () => {
  const { clock, executor, store, streams } = await turnBeforeItsWords(60_000);
  const second = await executor.execute(plain, 'And now?', { sessionId: 's' });
  await clock.advance(3_000);
  expect(await second.result()).toMatchObject({ status: 'completed' });
  expect(await textOf({ store, streams }, 's')).toBe('The second.');
});

it('a stream that opens once its run is over, and it and its session are deleted, does not stay', async () => {
  const clock = new FakeClock();
  const late = gate();
  const { executor, streams, store } = inMemory(
    [({ callbacks }) => (callbacks.onTextDelta?.('late'), Promise.resolve(answers('late')))],
    { clock },
  );
  const open = streams.openWriter.bind(streams);
  streams.openWriter = (...of) => late.promise.then(() => open(...of));
  const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
  await clock.advance(10_000);
  expect(await handle.result()).toMatchObject({ status: 'completed' });
  const streamId = (await store.deleteSession('s')) ?? '';
  await streams.deleteStream(streamId);
  late.resolve();
  await clock.advance(10_000);
  expect(await streams.read(streamId, 0)).toEqual({ chunks: [], last: 0, floor: 0 });
});

it.each([
  ['is never answered', () => new Promise<never>(() => {})],
  ['always fails', away],
])('a run whose stream %s when it is opened ends, and its reader hears what is missing', async (_, open) => {
  const clock = new FakeClock();
  const hold = gate();
  const { executor, streams } = inMemory([() => hold.promise.then(() => answers('done'))], { clock });
  streams.openWriter = open;
  const handle = await executor.execute(plain, 'Hi', { sessionId: 's' });
  const heard = collect(await handle.stream());
  hold.resolve();
  await clock.advance(10_000);
  expect(await handle.result()).toMatchObject({ status: 'completed', output: 'done' });
  expect(await heard).toMatchObject([{ type: 'gap', agentId: 's', agentType: 'plain' }]);
});

it('a commit that came too late, in a stream that opened late, takes nothing of the reply with it unsaid', async () => {
  const { executor, streams, store } = inMemory([answers('The first. '), answers('The second.')]);
  await (await executor.execute(plain, 'Hi', { sessionId: 's' })).result();
  await leaveWords(streams, await streamOf(store, 's'));
  const open = streams.openWriter.bind(streams);
  const held = gate();
  opens(streams, away, (...of) => held.promise.then(() => open(...of)));
  const commit = store.commit.bind(store);
  store.commit = async (sessionId, change) => {
    if (change.run?.op === 'end' && change.head?.step) {
      const runId = (await store.load(sessionId))?.run?.runId ?? '';
      held.resolve();
      await store.deliver(sessionId, { kind: 'stop', runId, stop: 'interrupt', at: 0 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return commit(sessionId, change);
  };
  const second = await executor.execute(plain, 'And now?', { sessionId: 's' });
  const heard = await collect(await second.stream());
  expect(heard.map(({ type }) => type)).toContain('gap');
});

/** The stream of a process that does not reach it while it is away. */
class RemoteStreams extends InMemoryStreamManager {
  isAway = true;
  readonly #streams: StreamManager;

  constructor(streams: StreamManager) {
    super();
    this.#streams = streams;
  }

  override openWriter(...of: Parameters<StreamManager['openWriter']>) {
    return this.isAway ? away() : this.#streams.openWriter(...of);
  }

  override poke(streamId: string): void {
    this.#streams.poke(streamId);
  }
}

/** A session whose owner died in the middle of its words, and processes that go on with it. */
async function withWordsLeft() {
  const clock = new FakeClock();
  const store = new LastingStore({ clock });
  const streams = new InMemoryStreamManager();
  const processOf = (script: readonly MockStep[], own: StreamManager) =>
    new JSAgentExecutor(store, own, new MockLLMAdapter(script), { clock, limits: { stopGraceMs: 0 } });
  const { begun, hang } = hanging();
  const speaks: MockStep = async ({ callbacks }) => {
    for (const word of ['one ', 'two ', 'three ', 'four ']) {
      callbacks.onTextDelta?.(word);
      await clock.sleep(30);
    }
    return hang();
  };
  const first = processOf([speaks], streams);
  await first.execute(plain, { message: 'Hi', state: { notes: [] } }, { sessionId: 's' });
  await clock.advance(200);
  await begun;
  await first.close();
  const goesOn = async (script: readonly MockStep[], isAway = true) => {
    const own = new RemoteStreams(streams);
    own.isAway = isAway;
    const executor = processOf(script, own);
    const handle = (await executor.getHandle(plain, 's'))!;
    // Each commit waits a while for the stream.
    await clock.advance(5_000);
    return { executor, own, handle };
  };
  /** Reads, and takes nothing up. */
  const reader = async (after: number) => {
    const frames: StreamFrame[] = [];
    const parts = { stateStore: store, streamManager: streams, clock };
    for await (const batch of followSession({ ...parts, sessionId: 's', after })) frames.push(...batch);
    return frames;
  };
  return { clock, store, streams, goesOn, reader };
}

const seesAndNotes: StepResult = {
  type: 'tool_calls',
  content: 'Let me see. ',
  toolCalls: [{ id: 'call_1', name: 'note', arguments: { text: 'a' } }],
};
/** What a reader has at the end: the types, and the words. */
function had(frames: readonly StreamFrame[]) {
  let chunks: Extract<StreamFrame, { type: 'chunk' }>[] = [];
  for (const frame of frames) {
    if (frame.type === 'rewound') chunks = chunks.filter(({ sequence }) => sequence <= frame.toSequence);
    if (frame.type === 'chunk') chunks.push(frame);
  }
  const words = chunks.flatMap(({ chunk }) => (chunk.type === 'text_delta' ? [chunk.delta] : []));
  return { types: chunks.map(({ chunk }) => chunk.type), words: words.join('') };
}

it('what commits stood on before a stream opened that goes on further is told by the record: a gap, and nothing twice', async () => {
  const { clock, store, goesOn, reader } = await withWordsLeft();
  const hold = gate();
  const { own, handle } = await goesOn([seesAndNotes, () => hold.promise.then(() => answers('All.'))]);
  const { messageCount, streamSequence } = (await store.load('s'))!;
  expect(messageCount).toBeGreaterThan(2);
  const heard = [reader(streamSequence), reader(0)];
  own.isAway = false;
  await clock.advance(2_000);
  hold.resolve();
  await clock.advance(5_000);
  expect(await handle.result()).toMatchObject({ output: 'All.' });
  for (const frames of await Promise.all(heard)) {
    const { types, words } = had(frames);
    expect(words).toBe('All.');
    expect(types).toContain('gap');
    expect(types).not.toContain('tool_start');
  }
});

it('an owner after one that never had its stream says that something is missing, and leaves no half of it', async () => {
  const { streams, store, goesOn } = await withWordsLeft();
  const { begun, hang } = hanging();
  const { executor } = await goesOn([seesAndNotes, hang]);
  await begun;
  await executor.close();
  const { handle } = await goesOn([answers('All.')], false);
  expect(await handle.result()).toMatchObject({ output: 'All.' });
  expect(await textOf({ store, streams }, 's')).toBe('All.');
  expect((await streamed({ store, streams }, 's')).chunks.map(({ chunk }) => chunk.type)).toContain('gap');
});

it('who reads a run to its end whose owner never had its stream loses what a former one left, and is told', async () => {
  const { clock, goesOn, reader } = await withWordsLeft();
  const heard = reader(0);
  const { handle } = await goesOn([answers('All.')]);
  await clock.advance(15_000);
  expect(await handle.result()).toMatchObject({ output: 'All.' });
  expect(had(await heard)).toEqual({ types: ['gap'], words: '' });
});
