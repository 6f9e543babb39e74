import { HelixError, takeUpDue, type Agent, type AnyAgent } from '@helix-agents/core';
import type { HostParts, JSHost } from './host-parts.ts';

/** What `startRecovery` takes. */
export interface RecoveryOptions {
  /** The agents whose sessions are taken up. */
  readonly agents: readonly AnyAgent[];
  /** Ends the recovery; sessions that run here go on. */
  readonly abortSignal: AbortSignal;
  /** How often the store is asked where no signal comes, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
}

/** Sessions taken up in one go. */
const batch = 16;

/** Takes up sessions as they become due, until the signal aborts. A store that cannot be reached is asked again. */
export async function recover(host: JSHost, options: RecoveryOptions): Promise<void> {
  const { store, ports } = host.parts;
  if (store.durability === 'none') {
    throw new HelixError(
      'state_store_unsuitable',
      'recovery needs a store that outlives the process; this one keeps sessions in memory',
    );
  }
  // Without their types, as everywhere inside: what they read and give is checked by their schemas.
  const agents = new Map(options.agents.map((agent) => [agent.name, agent as unknown as Agent]));
  const bell = new Bell();
  const unwatch = store.signals.watchDue(() => bell.ring());
  const release = host.keepLease();
  try {
    while (!options.abortSignal.aborted) {
      const taken = await takeUpDue(host, agents, batch).catch((error: unknown) => {
        ports.logger.log('warn', 'could not look for sessions to take up', { error });
        return 0;
      });
      if (taken < batch) await bell.wait(ports, options);
    }
  } finally {
    unwatch();
    release();
  }
}

/** Remembers a ring that came while nobody waited. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async wait(ports: HostParts['ports'], { abortSignal, pollMs = 1_000 }: RecoveryOptions): Promise<void> {
    const waiting = new AbortController();
    const end = () => waiting.abort(new Error('woken'));
    this.#wake = end;
    abortSignal.addEventListener('abort', end, { once: true });
    if (!this.#rung && !abortSignal.aborted) await ports.clock.sleep(pollMs, waiting.signal).catch(() => {});
    abortSignal.removeEventListener('abort', end);
    this.#wake = undefined;
    this.#rung = false;
  }
}
