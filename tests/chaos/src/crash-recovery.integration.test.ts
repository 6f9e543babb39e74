// Would catch: a commit or effect that is lost or doubled by a crash anywhere, a session that nobody takes up, a reader that hangs,
// a page that lacks what the dead process had not streamed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  boundaries,
  followSession,
  noUsage,
  resolvePorts,
  runTerminal,
  streamIdOf,
  type Boundary,
  type MessageRecord,
  type StreamFrame,
  type UsageRollup,
} from '@helix-agents/core';
import { getUIMessages } from '@helix-agents/ai-sdk';
import type { PostgresServer } from '@helix-agents/postgres-embedded';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashAgent, CrashModel } from './crash-agent.ts';
import { openStores, startDatabase, type Stores } from './database.ts';
import { validChunks } from './valid-chunks.ts';
import { watchReply } from './watch-reply.ts';

const worker = fileURLToPath(new URL('./crash-worker.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'helix-crash-'));
let server: PostgresServer;
let stores: Stores;
let sessions = 0;
/** Sessions whose dead owner took words along. */
let lossy = 0;

beforeAll(async () => {
  server = await startDatabase();
  stores = openStores(server.connectionString);
});

afterAll(async () => {
  await stores?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One session with its files: what its tools did, and which boundaries its processes reached. */
function newCase() {
  sessions += 1;
  const paths = { effects: join(folder, `effects-${sessions}`), trace: join(folder, `trace-${sessions}`) };
  for (const path of Object.values(paths)) writeFileSync(path, '');
  const lines = (path: string) => readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return {
    sessionId: `crash-${sessions}`,
    ...paths,
    bodies: () => lines(paths.effects),
    traced: () => lines(paths.trace) as Boundary[],
    /** When the process told of its last boundary; it is killed there. Unix ms. */
    diedAt: () => statSync(paths.trace).mtimeMs,
  };
}

type Case = ReturnType<typeof newCase>;

/** Where a process dies. */
interface Death {
  readonly boundary: Boundary | 'none';
  /** Which time it is reached. Default 1. */
  readonly time?: number;
  /** By how long its stream lags behind what it writes. Default 0. */
  readonly lagMs?: number;
}

/** Runs the worker until it ends; says how. */
async function runWorker(
  { sessionId, effects, trace }: Case,
  { boundary, time = 1, lagMs = 0 }: Death,
): Promise<'killed' | 'ended'> {
  const args = [
    '--conditions=@helix-agents/source',
    worker,
    server.connectionString,
    sessionId,
    effects,
    trace,
    boundary,
    String(time),
    String(lagMs),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the worker ended with ${signal ?? code}`);
  return signal === 'SIGKILL' ? 'killed' : 'ended';
}

/** Takes the session up in this process; answers how long after the death of its owner the new one committed. */
async function recover({ sessionId, effects, traced, diedAt }: Case): Promise<number> {
  const { store, streams } = stores;
  const model = new CrashModel(traced().includes('failure-commit:after'));
  const executor = new JSAgentExecutor(store, streams, model, { limits: { backoffMs: 1, maxBackoffMs: 2 } });
  const stop = new AbortController();
  const agent = crashAgent(effects);
  const before = await store.head(sessionId);
  const recovery = executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: stop.signal });
  try {
    if (!before) await executor.execute(agent, 'Go', { sessionId });
    if (before?.phase === 'ended') return 0;
    const epoch = async () => (await store.head(sessionId))?.epoch;
    await expect.poll(epoch, { timeout: 10_000, interval: 20 }).toBeGreaterThan(before?.epoch ?? 0);
    const tookMs = Date.now() - diedAt();
    await expect
      .poll(async () => (await store.head(sessionId))?.phase, { timeout: 20_000, interval: 20 })
      .toBe('ended');
    return tookMs;
  } finally {
    stop.abort();
    await recovery;
    await executor.close();
  }
}

/** What a session says, without the ids and times that differ from run to run. */
async function recordOf(sessionId: string) {
  const session = await stores.store.load(sessionId);
  const messages = await stores.store.messagesAfter(sessionId, 0);
  const tell = ({ role, parts, step }: MessageRecord) => ({ role, parts, step });
  const phase = session?.run?.phase;
  return {
    messages: messages.map(tell),
    state: session?.state,
    stepCount: session?.run?.stepCount,
    outcome: phase?.at === 'ended' ? { outcome: phase.outcome, reason: phase.reason, output: phase.output } : phase,
    usage: session?.usage ?? noUsage,
  };
}

async function framesAfter(sessionId: string, after: number): Promise<StreamFrame[]> {
  const frames: StreamFrame[] = [];
  const { clock } = resolvePorts();
  const { store: stateStore, streams: streamManager } = stores;
  for await (const batch of followSession({ stateStore, streamManager, sessionId, after, clock }))
    frames.push(...batch);
  return frames;
}

const isGap = (frame: StreamFrame) => frame.type === 'chunk' && frame.chunk.type === 'gap';
const terminal = new Set(['end', 'fail', 'truncated']);
const endings = new Set(['output', 'error']);

/** One run of the record ended; what is kept of the stream tells of it once, behind all else, or lacks it; and so does every reader. */
async function expectOneEnd(sessionId: string): Promise<void> {
  const ends = (await stores.store.listRuns(sessionId)).map(runTerminal);
  expect(ends).toMatchObject([{ type: 'end', status: 'completed' }]);
  const session = await stores.store.load(sessionId);
  const { chunks, last } = await stores.streams.read(streamIdOf(session!), 0, 100_000);
  const valid = validChunks(chunks);
  const told = valid.flatMap(({ chunk }, index) => (endings.has(chunk.type) ? [index - valid.length] : []));
  expect(told).toEqual(last < session!.streamSequence ? [] : [-1]);
  for (const after of [0, Math.floor(last / 2), last]) {
    const frames = await framesAfter(sessionId, after);
    expect(frames.some(isGap)).toBe(
      last < session!.streamSequence || chunks.some(({ sequence, chunk }) => sequence > after && chunk.type === 'gap'),
    );
    expect(frames.filter(({ type }) => terminal.has(type))).toEqual(ends);
    expect(frames.at(-1)).toEqual(ends[0]);
  }
}

/** Whether the call `once` was sent, and what it came to not yet written, when the process died. */
function onceInFlight(trace: readonly Boundary[]): boolean | 'perhaps' {
  if (!trace.includes('reply-commit:after')) return false;
  if (
    trace.includes('early-settle:after') ||
    trace.includes('results-commit:after') ||
    trace.includes('claim-commit:after')
  )
    return false;
  return trace.includes('early-settle:before') && trace.at(-1) !== 'early-settle:before' ? 'perhaps' : true;
}

let undisturbed: Awaited<ReturnType<typeof recordOf>>;
let passes: ReadonlyMap<Boundary, number>;

beforeAll(async () => {
  const calm = newCase();
  await runWorker(calm, { boundary: 'none' });
  undisturbed = await recordOf(calm.sessionId);
  const counted = new Map<Boundary, number>();
  for (const boundary of calm.traced()) counted.set(boundary, (counted.get(boundary) ?? 0) + 1);
  passes = counted;
});

it('a process that is left alone finishes its run', () => {
  expect(undisturbed).toMatchObject({
    stepCount: 4,
    state: { marks: ['once', 'slow', 'first', 'second'] },
    outcome: { output: { summary: 'all done' } },
    usage: {
      modelCalls: 5,
      toolStats: { totalCalls: 5, failedCalls: 0, byTool: { once: 1, slow: 1, first: 1, second: 1, verified: 1 } },
      custom: { marks: 4 },
    },
  });
});

/** Kills the process at a boundary, recovers, and holds everything against the undisturbed run. */
async function expectRecovered(crashed: Case, ...deaths: readonly Death[]): Promise<void> {
  const watched = watchReply(stores, crashAgent(crashed.effects), crashed.sessionId);
  for (const death of deaths) expect(await runWorker(crashed, death)).toBe('killed');
  const trace = crashed.traced();
  expect(await recover(crashed)).toBeLessThan(2_000);
  const record = await recordOf(crashed.sessionId);
  const inFlight = onceInFlight(trace);
  const unknown = JSON.stringify(record.messages).includes('"unknown"');
  expect(inFlight === 'perhaps' ? unknown : inFlight).toBe(unknown);
  expect(unknown ? withOnceDone(record) : record).toEqual(undisturbed);
  expect(crashed.bodies().filter((body) => body.startsWith('once '))).toHaveLength(bodiesOfOnce(crashed, unknown));
  await expectOneEnd(crashed.sessionId);
  expect(plain(await watched)).toEqual(plain(await replyOf(crashed.sessionId)));
}

/** Without members that are undefined. */
function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data)) as unknown;
}

/** The parts of the reply that is in the record. */
async function replyOf(sessionId: string): Promise<unknown> {
  const { messages } = await getUIMessages({ stateStore: stores.store, sessionId });
  return messages.at(-1)?.parts;
}

/** An unknown call may have begun or not; a known one began exactly once. */
function bodiesOfOnce({ bodies }: Case, unknown: boolean): number {
  return unknown ? Math.min(1, bodies().filter((body) => body.startsWith('once ')).length) : 1;
}

/** The record as it would be had the call with the unknown outcome been known: all that an unknown may change. */
function withOnceDone(record: typeof undisturbed): typeof undisturbed {
  const text = JSON.stringify(record.messages);
  const known = text.replace(/\{"type":"unknown","note":"[^"]*"\}/, '{"type":"result","value":"once done"}');
  const { marks } = record.state as { marks: string[] };
  return {
    ...record,
    messages: JSON.parse(known) as typeof record.messages,
    state: { marks: ['once', ...marks] },
    usage: withOnceCounted(record.usage),
  };
}

/** A call whose outcome is unknown counts as failed, and lacks what its body recorded: it died with the process. */
function withOnceCounted({ toolStats, custom, ...rest }: UsageRollup): UsageRollup {
  const failedCalls = toolStats.failedCalls - 1;
  return { ...rest, toolStats: { ...toolStats, failedCalls }, custom: { marks: (custom['marks'] ?? 0) + 1 } };
}

const afterCrashOnly: readonly Boundary[] = ['verify:before', 'verify:after'];
const inFirstProcess = boundaries.filter((boundary) => !afterCrashOnly.includes(boundary));

describe('a process that is killed', () => {
  it.each(inFirstProcess)('at %s loses nothing and repeats nothing, each time it is reached', async (boundary) => {
    const times = passes.get(boundary) ?? 0;
    expect(times, `the undisturbed run never reaches ${boundary}`).toBeGreaterThan(0);
    for (let time = 1; time <= times; time += 1) {
      await expectRecovered(newCase(), { boundary, time });
    }
  });

  it.each(afterCrashOnly)(
    'a second time, at %s while it recovers, still loses and repeats nothing',
    async (boundary) => {
      const crashed = newCase();
      const bodyOfVerified = passes.get('tool-body:after') ?? 0;
      await expectRecovered(crashed, { boundary: 'tool-body:after', time: bodyOfVerified }, { boundary });
      expect(crashed.bodies().filter((body) => body.startsWith('verified '))).toHaveLength(1);
    },
  );

  it.each(inFirstProcess.filter((boundary) => boundary.endsWith('-commit:after')))(
    'at %s with words that its stream did not have yet leaves a page that shows them',
    async (boundary) => {
      const crashed = newCase();
      await expectRecovered(crashed, { boundary, lagMs: 60 });
      lossy += (await framesAfter(crashed.sessionId, 0)).some(isGap) ? 1 : 0;
    },
  );

  it('did take words along, in the most of these', () => expect(lossy).toBeGreaterThan(2));
});
