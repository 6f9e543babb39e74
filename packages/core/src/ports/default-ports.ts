import { HelixError } from '../errors/helix-error.ts';
import { refuseUnknown } from '../refuse-unknown.ts';
import { sleepOver } from './sleep-over.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { guardedInstrumentation, guardedLogger } from './guarded.ts';
import type { Clock, Logger, Random, RuntimePorts } from './ports.ts';
import { noInstrumentation } from './spans.ts';
import { uuidIds } from './uuid-ids.ts';

/** The parts that do something, and what each must have: a logger without its function would be one that is silent. */
const functionsOf: { readonly [Name in Exclude<keyof RuntimePorts, 'limits'>]: readonly (keyof RuntimePorts[Name])[] } =
  {
    clock: ['now', 'monotonic', 'sleep', 'after'],
    random: ['fraction', 'bytes'],
    ids: ['next'],
    logger: ['log'],
    instrumentation: ['startSpan'],
  };

/**
 * The real surroundings, with what the caller replaces.
 *
 * @throws HelixError `input_invalid` for an option or limit that does not exist, a part without one of its functions, or a limit
 *   with which no owner could work
 */
export function resolvePorts(given: PortOptions = {}): RuntimePorts {
  refuseUnknown('options.', given, { known: [...Object.keys(functionsOf), 'limits'] });
  mustHaveFunctions(given);
  const clock = given.clock ?? systemClock;
  const random = given.random ?? systemRandom;
  const logger = given.logger ? guardedLogger(given.logger) : silentLogger;
  return {
    clock,
    random,
    ids: given.ids ?? uuidIds(clock, random),
    limits: resolveLimits(given.limits),
    logger,
    instrumentation: given.instrumentation ? guardedInstrumentation(given.instrumentation, logger) : noInstrumentation,
  };
}

/** Parts of the ports that a caller replaces. */
export type PortOptions = {
  readonly [Name in keyof RuntimePorts]?: (Name extends 'limits' ? LimitOptions : RuntimePorts[Name]) | undefined;
};
type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

function mustHaveFunctions(given: PortOptions): void {
  for (const [name, functions] of Object.entries(functionsOf)) {
    const part = given[name as keyof typeof functionsOf] as Readonly<Record<string, unknown>> | null | undefined;
    const lacking = part && functions.find((one) => typeof part[one] !== 'function');
    if (lacking) throw new HelixError('input_invalid', `options.${name} must have the function ${lacking}`);
  }
}

function resolveLimits(given: LimitOptions | null | undefined): Limits {
  const asked = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  refuseUnknown('limits.', given ?? {}, { known: Object.keys(defaultLimits) });
  const limits: Limits = { ...defaultLimits, ...Object.fromEntries(asked) };
  for (const [name, value] of Object.entries(limits)) {
    const least = mayBeNothing.has(name) ? 0 : 1;
    if (!Number.isFinite(value) || value < least || value > longestTimerMs) {
      throw new HelixError(
        'input_invalid',
        `limits.${name} must be a number from ${least} to ${longestTimerMs}, got ${String(value)}`,
      );
    }
  }
  if (limits.renewMs + limits.leaseMarginMs >= limits.leaseMs) {
    throw new HelixError(
      'input_invalid',
      'limits.leaseMs must be larger than limits.renewMs and limits.leaseMarginMs together',
    );
  }
  return limits;
}

/** Times that may be no time at all. Any other limit of 0 lets no message in, no tool run or no lease be renewed. */
const mayBeNothing = new Set<string>([
  'drainMs',
  'leaseMarginMs',
  'stopGraceMs',
  'backoffMs',
  'maxBackoffMs',
  'maxRetryAfterMs',
] satisfies (keyof Limits)[]);

/** What `setTimeout` can wait; beyond, it would fire at once. Whoever sleeps longer looks again and sleeps on. */
const longestTimerMs = 0x7fff_ffff;

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, abortSignal) => sleepOver(systemClock, ms, abortSignal),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

const silentLogger: Logger = { log: () => {} };
