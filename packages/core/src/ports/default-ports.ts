import { HelixError } from '../errors/helix-error.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { Clock, Ids, Logger, Random, RuntimePorts, Span } from './ports.ts';

/** The real surroundings, with what the caller replaces. */
export function resolvePorts(given: PortOptions = {}): RuntimePorts {
  const clock = given.clock ?? systemClock;
  const random = given.random ?? systemRandom;
  return {
    clock,
    random,
    ids: given.ids ?? uuidIds(clock, random),
    limits: resolveLimits(given.limits),
    logger: given.logger ?? silentLogger,
    instrumentation: given.instrumentation ?? { startSpan: () => noSpan },
  };
}

/** Parts of the ports that a caller replaces. */
export type PortOptions = Partial<Omit<RuntimePorts, 'limits'>> & { readonly limits?: Partial<Limits> };

function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...defaultLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isFinite(value) || value < 0 || value > longestTimerMs) {
      throw new HelixError(
        'input_invalid',
        `limits.${name} must be a number from 0 to ${longestTimerMs}, got ${String(value)}`,
      );
    }
  }
  if (limits.renewMs < 1) throw new HelixError('input_invalid', 'limits.renewMs must be at least 1');
  if (limits.renewMs + limits.leaseMarginMs >= limits.leaseMs) {
    throw new HelixError(
      'input_invalid',
      'limits.leaseMs must be larger than limits.renewMs and limits.leaseMarginMs together',
    );
  }
  return limits;
}

/** What `setTimeout` can wait; beyond, it would fire at once. Whoever sleeps longer looks again and sleeps on. */
const longestTimerMs = 2 ** 31 - 1;

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, abortSignal) =>
    new Promise((resolve, reject) => {
      if (abortSignal?.aborted) return reject(abortSignal.reason as Error);
      const stop = () => {
        clearTimeout(timer);
        reject(abortSignal?.reason as Error);
      };
      const timer = setTimeout(
        () => {
          abortSignal?.removeEventListener('abort', stop);
          resolve();
        },
        Math.min(ms, longestTimerMs),
      );
      abortSignal?.addEventListener('abort', stop, { once: true });
    }),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: takeBytes,
};

/** The system is asked for chance in portions: four kilobytes cost it hardly more than ten bytes, and every id needs ten. */
const portion = new Uint8Array(4096);
let taken = portion.length;

function takeBytes(length: number): Uint8Array {
  if (length > portion.length) return crypto.getRandomValues(new Uint8Array(length));
  if (taken + length > portion.length) {
    crypto.getRandomValues(portion);
    taken = 0;
  }
  taken += length;
  return portion.slice(taken - length, taken);
}

const silentLogger: Logger = { log: () => {} };
const noSpan: Span = { set: () => {}, end: () => {} };

/** Prefix and UUIDv7 (RFC 9562): 48 bits of time, then chance. */
export function uuidIds(clock: Pick<Clock, 'now'>, random: Pick<Random, 'bytes'>): Ids {
  return { next: (prefix) => `${prefix}_${uuidv7(clock.now(), random.bytes(10))}` };
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Written out, since every step makes a handful of ids. */
function uuidv7(nowMs: number, chance: Uint8Array): string {
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(12, '0');
  const hex = (at: number) => hexOf[chance[at] ?? 0];
  const version = hexOf[0x70 | ((chance[0] ?? 0) & 0x0f)];
  const variant = hexOf[0x80 | ((chance[2] ?? 0) & 0x3f)];
  const node = `${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${hex(1)}-${variant}${hex(3)}-${node}`;
}
