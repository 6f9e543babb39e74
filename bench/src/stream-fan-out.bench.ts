import { setImmediate as nextTurn } from 'node:timers/promises';
import { followSession, resolvePorts, type SessionStateStore, type StreamManager } from '@helix-agents/core';
import { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import type { Benchmark, Figure } from './harness/benchmark.ts';
import { speedRatio } from './harness/figures.ts';
import { interleave, timed } from './harness/interleave.ts';
import { RawStream, type BatchWriter } from './workload/raw-stream.ts';
import { speakingAgent, SpeakingModel } from './workload/speaking-agent.ts';

const { clock } = resolvePorts();
const deltas = 2_000;
/** Deltas that come with one packet of a provider. */
const together = 20;

const delta = 'word ';

/**
 * A reply of 2,000 deltas to so many readers, beside the same text written plainly and handed to as many listeners: each delta as
 * a chunk of its own, or those that wait together as one, which is what ours does. Both sides are held to every character.
 */
export const streamFanOut: Benchmark = {
  name: 'stream-fan-out',
  target: '2,000 deltas to 1, 10 and 100 readers at half the raw speed of coalesced writes, in memory and on Postgres',
  run: async ({ reps, postgres }) => {
    const database = await (await postgres()).database();
    const memory = { store: new InMemoryStateStore(), streams: new InMemoryStreamManager() };
    const figures: Figure[] = [];
    for (const readers of [1, 10, 100]) {
      figures.push(...(await measure(`memory, ${readers} readers`, readers, memory, () => {}, reps)));
      const insert: BatchWriter = (token, body) => database.floor.insert(token, 1, { token, body });
      figures.push(...(await measure(`Postgres, ${readers} readers`, readers, database, insert, reps)));
    }
    await database.close();
    return figures;
  },
};

interface Backend {
  readonly store: SessionStateStore;
  readonly streams: StreamManager;
}

async function measure(
  name: string,
  readers: number,
  backend: Backend,
  write: BatchWriter,
  reps: number,
): Promise<Figure[]> {
  const speaker = new Speaker(backend);
  const raw = new RawStream(write, { delta, deltas, together });
  const rounds = await interleave(
    {
      ours: () => timed(() => speaker.speakTo(readers)),
      raw: () => timed(() => raw.run(readers, 'a chunk each')),
      joining: () => timed(() => raw.run(readers, 'joined')),
    },
    { reps: 2 * reps, warmUps: 10 },
  );
  await speaker.close();
  return [
    speedRatio({ name, target: { atLeast: 0.5 } }, rounds.ours, rounds.raw),
    speedRatio({ name: `${name}, beside raw writes that join deltas, too` }, rounds.ours, rounds.joining),
  ];
}

/** A process whose agent speaks, and everybody in it reads from the beginning to the end. */
class Speaker {
  readonly #backend: Backend;
  readonly #executor: JSAgentExecutor;

  constructor(backend: Backend) {
    const model = new SpeakingModel(deltas, (index) => (index % together === 0 ? nextTurn(delta) : delta));
    this.#backend = backend;
    this.#executor = new JSAgentExecutor(backend.store, backend.streams, model);
  }

  async speakTo(readers: number): Promise<void> {
    const { sessionId } = await this.#executor.execute(speakingAgent, 'Speak.');
    const heard = await Promise.all(Array.from({ length: readers }, () => this.#read(sessionId)));
    const all = deltas * delta.length;
    for (const characters of heard)
      if (characters !== all) throw new Error(`a reader got ${characters} of ${all} characters`);
  }

  close(): Promise<void> {
    return this.#executor.close();
  }

  /** Frame by frame, as a server sends them on; resolves with how many characters came. */
  async #read(sessionId: string): Promise<number> {
    const { store: stateStore, streams: streamManager } = this.#backend;
    let characters = 0;
    for await (const frames of followSession({ stateStore, streamManager, sessionId, after: 0, clock })) {
      for (const frame of frames)
        if (frame.type === 'chunk' && frame.chunk.type === 'text_delta') characters += frame.chunk.delta.length;
    }
    return characters;
  }
}
