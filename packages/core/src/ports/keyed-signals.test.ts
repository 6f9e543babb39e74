// Would catch: a listener that is not called any more because another one stopped, and one that is called after it stopped.
import { expect, it, vi } from 'vitest';
import { KeyedSignals } from './keyed-signals.ts';

function watched() {
  const signals = new KeyedSignals();
  const listener = vi.fn<() => void>();
  return { signals, listener, stop: signals.watch('key', listener) };
}

it('all notices of a moment are one call, after it', async () => {
  const { signals, listener } = watched();
  signals.notify('key');
  signals.notify('key');
  signals.notify('other');
  expect(listener).not.toHaveBeenCalled();
  await Promise.resolve();
  expect(listener).toHaveBeenCalledOnce();
});

it('who stops between a notice and its call is not called', async () => {
  const { signals, listener, stop } = watched();
  signals.notify('key');
  stop();
  await Promise.resolve();
  expect(listener).not.toHaveBeenCalled();
});

it('who stops twice stops nobody who came in between', async () => {
  const { signals, stop } = watched();
  const next = vi.fn<() => void>();
  stop();
  signals.watch('key', next);
  stop();
  signals.notify('key');
  await Promise.resolve();
  expect(next).toHaveBeenCalledOnce();
});

it('a function that watches twice is called twice, and once when one of both stops', async () => {
  const { signals, listener, stop } = watched();
  signals.watch('key', listener);
  signals.notify('key');
  await Promise.resolve();
  expect(listener).toHaveBeenCalledTimes(2);
  stop();
  signals.notify('key');
  await Promise.resolve();
  expect(listener).toHaveBeenCalledTimes(3);
});

it('who is told of everything is told once for each key that is watched', async () => {
  const { signals, listener, stop } = watched();
  const other = vi.fn<() => void>();
  signals.watch('other', other);
  signals.notifyAll();
  await Promise.resolve();
  expect([listener, other].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  stop();
  expect(signals.empty).toBe(false);
});

it('a listener that throws keeps nobody from being called', async () => {
  const { signals, listener } = watched();
  signals.watch('key', () => expect.unreachable());
  const last = vi.fn<() => void>();
  signals.watch('key', last);
  signals.notify('key');
  await Promise.resolve();
  expect([listener, last].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});

it('who is stopped by another listener is not called any more, also in the same round', async () => {
  const signals = new KeyedSignals();
  const second = vi.fn<() => void>();
  const stops: (() => void)[] = [];
  signals.watch('key', () => stops.forEach((stop) => stop()));
  stops.push(signals.watch('key', second));
  signals.notify('key');
  await Promise.resolve();
  expect(second).not.toHaveBeenCalled();
});
