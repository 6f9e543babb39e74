// Would catch: a recovery that gives up with its store, takes what it cannot drive, or leaves a lease or a listener behind.
import { defineAgent, HelixError, type Logger, type SessionSnapshot } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { InMemoryStreamManager } from '@helix-agents/store-memory';
import { describe, expect, it, vi } from 'vitest';
import { LastingStore, LastingStreams, answers, hangs, inMemory, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

/** Processes over one store, the second of which recovers. */
function recovering(script: readonly MockStep[]) {
  const clock = new FakeClock();
  const store = new LastingStore({ clock });
  const streams = new LastingStreams();
  const lines: unknown[] = [];
  const logger: Logger = { log: (...line) => void lines.push(line) };
  const executor = (steps: readonly MockStep[]) =>
    new JSAgentExecutor(store, streams, new MockLLMAdapter(steps), {
      clock,
      logger,
      limits: { stopGraceMs: 20, drainMs: 20 },
    });
  const first = executor(Array.from({ length: 40 }, () => hangs));
  const second = executor(script);
  const stop = new AbortController();
  const recover = () => second.startRecovery({ agents: { plain }, abortSignal: stop.signal });
  return { clock, store, first, second, lines, recover, stop };
}

describe('recovery', () => {
  it('takes up what its agents left behind, and nothing else', async () => {
    const { clock, store, first, recover, stop } = recovering([answers('taken up')]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.execute(defineAgent({ name: 'foreign', systemPrompt: '' }), 'Hi', { sessionId: 'other' });
    await first.close();
    const recovered = recover();
    await clock.advance(100);
    expect((await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'completed', output: 'taken up' });
    expect(await store.load('other')).toMatchObject({ epoch: 1, run: { phase: { at: 'running' } } });
    stop.abort();
    await recovered;
  });

  const line = (why: string, { run }: SessionSnapshot) => [
    'info',
    'took up a session',
    { sessionId: 's', runId: run?.runId, why },
  ];

  it.each([
    ['its owner is gone', 1],
    ['something is due in it', 0],
  ])('says which session it takes up, and why: %s', async (why, takeovers) => {
    const { clock, store, first, lines, recover, stop } = recovering([answers('taken up')]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const claimDue = store.claimDue.bind(store);
    const withTakeovers = ({ run, ...session }: SessionSnapshot) => ({ ...session, run: run && { ...run, takeovers } });
    vi.spyOn(store, 'claimDue').mockImplementation(async (request) => (await claimDue(request)).map(withTakeovers));
    lines.length = 0;
    const recovered = recover();
    await clock.advance(100);
    expect(lines).toEqual([line(why, (await store.load('s'))!)]);
    stop.abort();
    await recovered;
  });

  it.each([
    ['asks for its handle', (executor: JSAgentExecutor) => executor.getHandle(plain, 's')],
    ['begins a turn in its place', (executor: JSAgentExecutor) => executor.execute(plain, 'On', { sessionId: 's' })],
  ])('by whoever %s is said as well', async (_, comes) => {
    const { clock, store, first, second, lines } = recovering([answers('taken up')]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const left = await store.load('s');
    lines.length = 0;
    await comes(second);
    await clock.advance(100);
    expect(lines).toEqual([line('its owner is gone', left!)]);
  });

  it('takes up all that a dead process left without a pause, however much that is', async () => {
    const { clock, store, first, recover, stop } = recovering(Array.from({ length: 40 }, () => answers('taken up')));
    const left = Array.from({ length: 40 }, (_, index) => `s${index}`);
    for (const sessionId of left) await first.execute(plain, 'Hi', { sessionId });
    await first.close();
    const recovered = recover();
    await clock.advance(200);
    const phases = await Promise.all(left.map(async (sessionId) => (await store.load(sessionId))?.run?.phase.at));
    expect(new Set(phases)).toEqual(new Set(['ended']));
    stop.abort();
    await recovered;
  });

  it('drives what its process owns without knowing of it, soon, and says so', async () => {
    const { clock, store, first, lines, recover, stop } = recovering([answers('gone on with')]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const claimDue = store.claimDue.bind(store);
    vi.spyOn(store, 'claimDue').mockImplementationOnce(async (request) => (await claimDue(request)).slice(0, 0));
    const recovered = recover();
    await clock.advance(5_000);
    expect((await store.load('s'))?.run?.phase.at).toBe('running');
    await clock.advance(6_000);
    expect((await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'completed', output: 'gone on with' });
    expect(lines).toContainEqual(['warn', 'nobody drove a session of this process; it goes on', { sessionId: 's' }]);
    stop.abort();
    await recovered;
  });

  it('drives what its process owns beside a session that it cannot read, and never one of a foreign agent', async () => {
    const { clock, store, first, lines, recover, stop } = recovering([answers('gone on with')]);
    const foreign = defineAgent({ name: 'foreign', systemPrompt: '' });
    for (const sessionId of ['broken', 's']) await first.execute(plain, 'Hi', { sessionId });
    await first.execute(foreign, 'Hi', { sessionId: 'foreign' });
    await first.close();
    const claimDue = store.claimDue.bind(store);
    vi.spyOn(store, 'claimDue').mockImplementationOnce(async (request) => {
      await claimDue({ ...request, agentTypes: ['plain', 'foreign'] });
      return [];
    });
    const load = store.load.bind(store);
    const error = new Error('written by a later release');
    const read = (sessionId: string) => (sessionId === 'broken' ? Promise.reject(error) : load(sessionId));
    vi.spyOn(store, 'load').mockImplementation(read);
    const recovered = recover();
    await clock.advance(11_000);
    expect((await load('s'))?.run?.phase).toMatchObject({ outcome: 'completed' });
    expect((await load('foreign'))?.run?.phase.at).toBe('running');
    const warning = ['warn', 'a session of this process could not be read', { sessionId: 'broken', error }];
    expect(lines).toContainEqual(warning);
    stop.abort();
    await recovered;
  });

  it.each([
    ['says that other processes hear nothing of streams that are kept in this one', new InMemoryStreamManager(), 1],
    ['says nothing of streams that others see', new LastingStreams(), 0],
  ])('%s', async (_, streams, warnings) => {
    const lines: string[] = [];
    const logger: Logger = { log: (...[level, message]) => void lines.push(`${level}: ${message}`) };
    const executor = new JSAgentExecutor(new LastingStore(), streams, new MockLLMAdapter([]), { logger });
    await executor.startRecovery({ agents: { plain }, abortSignal: AbortSignal.abort() });
    const warning =
      "warn: the stream manager is of durability 'none': other processes see a reply only once it is in the record";
    expect(lines).toEqual(Array.from({ length: warnings }, () => warning));
  });

  const [agents, abortSignal] = [{ plain }, AbortSignal.abort()];
  it.each([
    ['nothing', undefined, 'startRecovery: takes an object with agents, abortSignal, pollMs'],
    ['no agents', { abortSignal }, 'startRecovery: agents must hold agents by their names: { [agent.name]: agent }'],
    ['no signal', { agents }, 'startRecovery: abortSignal must be an AbortSignal: it ends the recovery'],
    ['a time that is none', { agents, abortSignal, pollMs: NaN }, 'startRecovery: pollMs must be above 0, got NaN'],
    ['a misspelt option', { agents, abortSignal, pollMS: 1 }, 'startRecovery: pollMS is unknown; did you mean pollMs?'],
    [
      'what is no agent',
      { agents: { plain: undefined }, abortSignal },
      'undefined is no agent; make it with defineAgent',
    ],
  ])('that is given %s is refused by name', async (_, given, message) => {
    const { first } = recovering([]);
    const code = message.endsWith('defineAgent') ? 'agent_invalid' : 'input_invalid';
    await expect(first.startRecovery(given as never)).rejects.toMatchObject({ code, message });
  });

  it('outlasts a store that cannot be reached', async () => {
    const { clock, store, first, recover, stop } = recovering([answers('taken up')]);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    await first.close();
    const asked = vi.spyOn(store, 'claimDue').mockRejectedValueOnce(new Error('the connection was lost'));
    const recovered = recover();
    await clock.advance(900);
    expect(asked).toHaveBeenCalledTimes(1);
    await clock.advance(200);
    expect((await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'completed', output: 'taken up' });
    stop.abort();
    await recovered;
  });

  const notReady = [
    new HelixError('state_schema_mismatch', 'there are no tables'),
    new HelixError('state_store_denied', 'the password is wrong'),
    new HelixError('state_store_unsuitable', 'a pooler stands before it'),
  ];

  it.each(notReady)('over a store that is not ready ends with %s, and leaves nothing behind', async (refusal) => {
    const { clock, store, recover } = recovering([]);
    const unwatched = vi.fn<() => void>();
    vi.spyOn(store.signals, 'watchDue').mockReturnValue(unwatched);
    const away = new HelixError('state_store_unavailable', 'away');
    vi.spyOn(store, 'openHolder').mockRejectedValueOnce(away).mockRejectedValue(refusal);
    const recovered = Promise.allSettled([recover()]);
    await clock.advance(1_100);
    expect(await recovered).toEqual([{ status: 'rejected', reason: refusal }]);
    expect(unwatched).toHaveBeenCalledOnce();
    expect(clock.pending).toBe(0);
  });

  it.each(notReady)('that has begun outlasts %s: a database that is being restored comes back', async (error) => {
    const { clock, store, first, recover, stop } = recovering([answers('taken up')]);
    const recovered = recover();
    await clock.advance(100);
    await first.execute(plain, 'Hi', { sessionId: 's' });
    const asked = vi.spyOn(store, 'claimDue').mockRejectedValue(error);
    await first.close();
    await clock.advance(60_000);
    asked.mockRestore();
    await clock.advance(2_000);
    expect((await store.load('s'))?.run?.phase).toMatchObject({ outcome: 'completed', output: 'taken up' });
    stop.abort();
    await recovered;
  });

  it.each([
    ['warn', new Error('the connection was lost')],
    ['error', new HelixError('state_schema_mismatch', 'there are no tables')],
  ])('logs as %s that the store answers: %s', async (level, error) => {
    const store = new LastingStore();
    vi.spyOn(store, 'claimDue').mockResolvedValueOnce([]).mockRejectedValue(error);
    const stop = new AbortController();
    const logged: unknown[] = [];
    const log = (...entry: unknown[]) => (logged.push(entry), stop.abort());
    const executor = new JSAgentExecutor(store, new LastingStreams(), new MockLLMAdapter([]), {
      logger: { log },
    });
    await executor.startRecovery({ agents: { plain }, abortSignal: stop.signal, pollMs: 1 });
    expect(logged).toEqual([[level, 'could not look for sessions to take up; looking again', { error }]]);
  });

  it('that ends leaves no listener, no lease and no timer behind', async () => {
    const { clock, store, recover, stop } = recovering([]);
    const unwatched = vi.fn<() => void>();
    vi.spyOn(store.signals, 'watchDue').mockReturnValue(unwatched);
    const closed = vi.spyOn(store, 'closeHolder');
    const recovered = recover();
    await clock.advance(60_000);
    expect(closed).not.toHaveBeenCalled();
    stop.abort();
    await recovered;
    await clock.advance(2_000);
    expect(unwatched).toHaveBeenCalledOnce();
    expect(closed).toHaveBeenCalledOnce();
    expect(clock.pending).toBe(0);
  });

  it.each(['none', 'second'])('is refused over a store that does not keep every commit: %s', async (durability) => {
    const { store, executor } = inMemory([]);
    Object.assign(store, { durability });
    const recovered = executor.startRecovery({ agents: { plain }, abortSignal: AbortSignal.abort() });
    await expect(recovered).rejects.toMatchObject({ code: 'state_store_unsuitable' });
  });
});
