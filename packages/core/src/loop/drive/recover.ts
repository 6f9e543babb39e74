import type { Agent, AnyAgent } from '../../agent/agent.ts';
import { withoutTypes } from '../../agent/without-types.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { WakeUp } from '../../stream/wake-up.ts';
import type { SessionHost } from './session-host.ts';
import { takeUpDue } from './take-up-due.ts';

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
export async function recover(host: SessionHost, options: RecoveryOptions): Promise<void> {
  const { store, ports } = host.parts;
  if (store.durability !== 'commit') {
    throw new HelixError(
      'state_store_unsuitable',
      `recovery needs a store that outlives the process with every commit: of durability 'commit', not '${store.durability}'`,
    );
  }
  const { abortSignal, pollMs = 1_000 } = options;
  const agents = byName(options.agents);
  const bell = new WakeUp(ports.clock);
  const unwatch = store.signals.watchDue(bell.ring);
  abortSignal.addEventListener('abort', bell.ring, { once: true });
  const release = host.keepLease();
  try {
    while (!abortSignal.aborted) {
      const taken = await takeUpDue(host, agents, batch).catch((error: unknown) => {
        const level = HelixError.is(error) && !error.retryable ? 'error' : 'warn';
        ports.logger.log(level, 'could not look for sessions to take up', { error });
        return 0;
      });
      if (taken < batch) await bell.sleep(pollMs);
      bell.wasRung();
    }
  } finally {
    unwatch();
    abortSignal.removeEventListener('abort', bell.ring);
    bell.stop();
    release();
  }
}

function byName(given: readonly AnyAgent[]): ReadonlyMap<string, Agent> {
  const agents = new Map(given.map((agent) => [agent.name, withoutTypes(agent)]));
  const other = given.find((agent) => agents.get(agent.name) !== withoutTypes(agent));
  if (!other) return agents;
  throw new HelixError('agent_invalid', `startRecovery: agents has two agents named ${other.name}`);
}
