import type { Clock } from './ports.ts';

/** The sleep of a clock that can call back: what {@link Clock.sleep} promises, and nothing is left behind by it. */
export function sleepOver(clock: Pick<Clock, 'after'>, ms: number, abortSignal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (abortSignal?.aborted) return reject(abortSignal.reason as Error);
    const stop = () => {
      cancel();
      reject(abortSignal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      abortSignal?.removeEventListener('abort', stop);
      resolve();
    });
    abortSignal?.addEventListener('abort', stop, { once: true });
  });
}
