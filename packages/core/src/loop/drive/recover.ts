import type { Agent, AnyAgent } from '../../agent/agent.ts';
import { agentsByName } from '../../agent/agents-by-name.ts';
import type { ErrorCode } from '../../errors/error-table.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { Outage } from '../../ports/outage.ts';
import { refuseUnknown } from '../../refuse-unknown.ts';
import { WakeUp } from '../../stream/wake-up.ts';
import { driveUndriven } from './drive-undriven.ts';
import type { SessionHost } from './session-host.ts';
import { takeUpDue } from './take-up-due.ts';

/** What `startRecovery` takes. */
export interface RecoveryOptions {
  /** The agents whose sessions are taken up, by their names; an `AgentServer` takes the same. */
  readonly agents: Readonly<Record<string, AnyAgent>>;
  /** Ends the recovery; sessions that run here go on. */
  readonly abortSignal: AbortSignal;
  /** How often the store is asked where no signal comes, in milliseconds. Default 1,000. */
  readonly pollMs?: number | undefined;
}

/** Sessions taken up in one go. */
const batch = 16;

/** How often it is looked whether all that this process owns is driven. */
const undrivenEveryMs = 10_000;

const options = { known: ['agents', 'abortSignal', 'pollMs'] satisfies (keyof RecoveryOptions)[] };

const outageWords = {
  begins: 'could not look for sessions to take up; looking again',
  ends: 'sessions to take up are looked for again',
};

/** What a store answers that was never made ready, or is reached in a way that cannot carry it. */
const notReady = new Set<ErrorCode>(['state_schema_mismatch', 'state_store_denied', 'state_store_unsuitable']);

/**
 * Takes up sessions as they become due, until the signal aborts. A store that cannot be reached is asked again. Until its first answer
 * it may not be ready at all, which ends the recovery; afterwards it is asked again, whatever it says: somebody may restore it.
 */
export async function recover(host: SessionHost, given: RecoveryOptions): Promise<void> {
  const { store, ports } = host.parts;
  if (store.durability !== 'commit') {
    throw new HelixError(
      'state_store_unsuitable',
      `recovery needs a store that outlives the process with every commit: of durability 'commit', not '${store.durability}'`,
    );
  }
  const { abortSignal, pollMs, agents } = resolveOptions(given);
  const bell = new WakeUp(ports.clock);
  const unwatch = store.signals.watchDue(bell.ring);
  abortSignal.addEventListener('abort', bell.ring, { once: true });
  const look = lookOut(host, agents);
  const release = host.keepLease();
  try {
    while (!abortSignal.aborted) {
      if ((await look()) < batch) await bell.sleep(pollMs);
      bell.wasRung();
    }
  } finally {
    unwatch();
    abortSignal.removeEventListener('abort', bell.ring);
    bell.stop();
    release();
  }
}

/** Each call takes up what is due, and resolves with how much that was. */
function lookOut(host: SessionHost, agents: ReadonlyMap<string, Agent>): () => Promise<number> {
  const { ports } = host.parts;
  const outage = new Outage(ports, outageWords);
  let answered = false;
  let lastMs = ports.clock.monotonic();
  return async () => {
    try {
      const taken = await takeUpDue(host, agents, batch);
      if (ports.clock.monotonic() - lastMs >= undrivenEveryMs) {
        lastMs = ports.clock.monotonic();
        await driveUndriven(host, agents);
      }
      answered = true;
      outage.answered();
      return taken;
    } catch (error) {
      if (!answered && HelixError.is(error) && notReady.has(error.code)) throw error;
      outage.failed(error);
      // It may have been given sessions, and not told.
      lastMs = -Infinity;
      return 0;
    }
  };
}

function resolveOptions(given: RecoveryOptions) {
  refuseUnknown('startRecovery: ', given, options);
  const { agents, abortSignal, pollMs = 1_000 } = given;
  if (typeof abortSignal?.addEventListener !== 'function')
    throw invalid('abortSignal must be an AbortSignal: it ends the recovery');
  if (!(pollMs > 0)) throw invalid(`pollMs must be above 0, got ${String(pollMs)}`);
  return { agents: agentsByName('startRecovery', agents), abortSignal, pollMs };
}

function invalid(problem: string): HelixError {
  return new HelixError('input_invalid', `startRecovery: ${problem}`);
}
