import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface DelayProxy {
  readonly port: number;
  stop(): void;
}

/** A proxy to a port of this machine that adds a delay each way, in a process of its own that ends with this one. */
export async function startDelayProxy(port: number, delayMs: number): Promise<DelayProxy> {
  const child = fork(new URL('delay-proxy.ts', import.meta.url), [String(port), String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return { port: Number(line.toString()), stop: () => void child.kill() };
}
