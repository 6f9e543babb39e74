import { HelixError } from '../errors/helix-error.ts';
import { refuseUnknown } from '../refuse-unknown.ts';
import { sleepOver } from './sleep-over.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { guardedInstrumentation, guardedLogger, noSpan } from './guarded.ts';
import type { Clock, Ids, Logger, Random, RuntimePorts } from './ports.ts';

const portNames = {
  known: ['clock', 'random', 'ids', 'limits', 'logger', 'instrumentation'] satisfies (keyof RuntimePorts)[],
};

/**
 * The real surroundings, with what the caller replaces.
 *
 * @throws HelixError `input_invalid` for an option or limit that does not exist, or a limit with which no owner could work
 */
export function resolvePorts(given: PortOptions = {}): RuntimePorts {
  refuseUnknown('options.', given, portNames);
  const clock = given.clock ?? systemClock;
  const random = given.random ?? systemRandom;
  const logger = given.logger ? guardedLogger(given.logger) : silentLogger;
  return {
    clock,
    random,
    ids: given.ids ?? uuidIds(clock, random),
    limits: resolveLimits(given.limits),
    logger,
    instrumentation: given.instrumentation
      ? guardedInstrumentation(given.instrumentation, logger)
      : { startSpan: () => noSpan },
  };
}

/** Parts of the ports that a caller replaces. */
export type PortOptions = Partial<Omit<RuntimePorts, 'limits'>> & { readonly limits?: Partial<Limits> };

function resolveLimits(given: Partial<Limits> | null | undefined): Limits {
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
  'leaseMarginMs',
  'stopGraceMs',
  'backoffMs',
  'maxBackoffMs',
  'maxRetryAfterMs',
] satisfies (keyof Limits)[]);

/** What `setTimeout` can wait; beyond, it would fire at once. Whoever sleeps longer looks again and sleeps on. */
const longestTimerMs = 2 ** 31 - 1;

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

/** Prefix and UUIDv7 (RFC 9562): 48 bits of time, then chance. */
export function uuidIds(clock: Pick<Clock, 'now'>, random: Pick<Random, 'bytes'>): Ids {
  let chance = '';
  let taken = 0;
  return {
    next: (prefix) => {
      if (taken === chance.length) {
        chance = toHex(random.bytes(bytesOfAnId * idsAPortion));
        taken = 0;
      }
      taken += 2 * bytesOfAnId;
      return `${prefix}_${uuidv7(clock.now(), chance, taken - 2 * bytesOfAnId)}`;
    },
  };
}

const bytesOfAnId = 10;
/** Chance is asked for in portions, and written as hex once: every step makes a handful of ids. */
const idsAPortion = 400;

/** Which digits the variant of RFC 9562 may begin with, for any digit of chance. */
const variants = '89ab';

function uuidv7(nowMs: number, chance: string, from: number): string {
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(12, '0');
  const variant = variants[chance.charCodeAt(from) & 3];
  const hex = (at: number, count: number) => chance.slice(from + at, from + at + count);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(1, 3)}-${variant}${hex(4, 3)}-${hex(7, 12)}`;
}

const digits = new TextEncoder().encode('0123456789abcdef');
const ascii = new TextDecoder('latin1');

/** Through the codes of the digits: a text put together digit by digit costs ten times as much. */
function toHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    codes[2 * index] = digits[byte >> 4] ?? 0;
    codes[2 * index + 1] = digits[byte & 15] ?? 0;
  }
  return ascii.decode(codes);
}
