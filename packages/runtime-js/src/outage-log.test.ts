// Would catch: an outage of the store that fills the log, a line for each try of each who waits.
import { HelixError, type Logger } from '@helix-agents/core';
import { FakeClock, MockLLMAdapter, type MockStep } from '@helix-agents/core/testing';
import { expect, it } from 'vitest';
import { answers, gate, LastingStore, LastingStreams, plain } from '../test/harness.ts';
import { JSAgentExecutor } from './index.ts';

const away = new HelixError('state_store_unavailable', 'away');

/** A store that can be taken away: it then refuses whatever it is asked for. */
function withOutage(store: LastingStore) {
  const outage = { isAway: false };
  const asked = (target: LastingStore, name: string | symbol): unknown => {
    const part: unknown = Reflect.get(target, name, target);
    if (typeof part !== 'function') return part;
    return (...given: unknown[]): unknown =>
      outage.isAway ? Promise.reject(away) : Reflect.apply(part, target, given);
  };
  return { outage, store: new Proxy(store, { get: asked }) };
}

it('an outage is a line at its beginning and one at its end, for each who waits', async () => {
  const clock = new FakeClock();
  const { outage, store } = withOutage(new LastingStore({ clock }));
  const streams = new LastingStreams();
  const executor = (lines: string[], script: readonly MockStep[]) => {
    const logger: Logger = { log: (level, message) => void lines.push(`${level}: ${message}`) };
    return new JSAgentExecutor(store, streams, new MockLLMAdapter(script), { clock, logger });
  };
  const owning: string[] = [];
  const waiting: string[] = [];
  const model = gate();
  const owner = executor(owning, [async () => (await model.promise, answers('Hello'))]);
  const waiter = executor(waiting, []);
  await owner.execute(plain, 'Hi', { sessionId: 's' });
  const stop = new AbortController();
  const recovered = waiter.startRecovery({ agents: { plain }, abortSignal: stop.signal });
  const result = (await waiter.getHandle(plain, 's'))!.result();
  await clock.advance(1_000);
  outage.isAway = true;
  await clock.advance(1_000);
  model.resolve();
  await clock.advance(19_000);
  outage.isAway = false;
  await clock.advance(5_000);
  expect(await result).toMatchObject({ status: 'completed' });
  expect(owning).toEqual([
    'warn: the outcome of a commit is not known; asking again',
    'warn: could not look for what outsiders wrote; the next commit will tell',
    'warn: the lease could not be renewed',
    'info: the outcome of the commit is known',
    'info: what outsiders wrote was looked for again',
    'info: the lease is renewed again',
  ]);
  expect(waiting).toEqual([
    'warn: could not look for sessions to take up; looking again',
    'warn: the store does not answer; asking again',
    'warn: the lease could not be renewed',
    'info: the store answers again',
    'info: sessions to take up are looked for again',
    'info: the lease is renewed again',
  ]);
  stop.abort();
  await recovered;
});
