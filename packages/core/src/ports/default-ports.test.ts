// Would catch: limits that let a lease end under its owner's hands, a sleep that cannot be cut.
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { resolvePorts } from './default-ports.ts';
import { defaultLimits } from './limits.ts';

describe('resolvePorts', () => {
  it('fills what is not given, and takes what is', () => {
    const clock = new FakeClock();
    const ports = resolvePorts({ clock, limits: { maxCallsPerStep: 3 } });
    expect(ports.clock).toBe(clock);
    expect(ports.limits).toEqual({ ...defaultLimits, maxCallsPerStep: 3 });
    expect(() => ports.logger.log('error', 'nobody hears this')).not.toThrow();
    ports.instrumentation.startSpan('chat', {}).end();
  });

  it.each([
    { leaseMs: 15_000 },
    { renewMs: 25_000 },
    { leaseMarginMs: 20_000 },
    { leaseMs: -1 },
    { maxResultBytes: Number.NaN },
    { backoffMs: Number.POSITIVE_INFINITY },
    { stopGraceMs: '5' as unknown as number },
    { renewMs: 0 },
    { maxMessageBytes: 0 },
    { maxCallsPerStep: 0.5 },
    { maxBodies: 0 },
    { leasMs: 3 },
  ])('refuses limits with which no owner could work: %j', (limits) => {
    const [name = ''] = Object.keys(limits);
    expect(() => resolvePorts({ limits })).toThrow(expect.objectContaining({ code: 'input_invalid' }));
    expect(() => resolvePorts({ limits })).toThrow(`limits.${name}`);
  });

  it.each([[null], [{}], [{ leaseMs: undefined }]])('takes the usual limits where none is asked for: %j', (limits) => {
    // As it comes from callers that were compiled without our types.
    expect(resolvePorts({ limits: limits as object }).limits).toEqual(defaultLimits);
  });

  it('takes a limit of nothing where that has a meaning', () => {
    const limits = { leaseMarginMs: 0, stopGraceMs: 0, backoffMs: 0, maxBackoffMs: 0, maxRetryAfterMs: 0 };
    expect(resolvePorts({ limits }).limits).toMatchObject(limits);
  });

  it.each<[string, object, string]>([
    ['logger', { info: () => {} }, 'log'],
    ['instrumentation', {}, 'startSpan'],
    ['clock', { now: () => 0 }, 'monotonic'],
    ['ids', () => 'x', 'next'],
    ['random', Math, 'fraction'],
  ])('refuses a part that would be silent, or fail in the middle of a run: %s', (name, part, lacks) => {
    expect(() => resolvePorts({ [name]: part })).toThrow(
      expect.objectContaining({
        code: 'input_invalid',
        message: `options.${name} must have the function ${lacks}`,
      }),
    );
    expect(() => resolvePorts({ [name]: null })).not.toThrow();
  });

  it('refuses what it does not know, and says what may have been meant', () => {
    const limits: object = { leasMs: 3 };
    expect(() => resolvePorts({ limits })).toThrow('limits.leasMs is unknown; did you mean leaseMs?');
    const options: object = { limts: { leaseMs: 3 } };
    expect(() => resolvePorts(options)).toThrow('options.limts is unknown; did you mean limits?');
  });
});

describe('the clock of the system', () => {
  const { clock } = resolvePorts();

  it('sleeps, and calls back unless it is cancelled', async () => {
    let called = 0;
    clock.after(1, () => (called += 1));
    clock.after(1, () => (called += 10))();
    const before = clock.monotonic();
    await clock.sleep(10);
    expect(clock.monotonic()).toBeGreaterThan(before);
    expect(called).toBe(1);
  });

  it('leaves nothing with a signal that outlives its sleeps', async () => {
    const { signal } = new AbortController();
    await clock.sleep(1, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends a sleep with the reason of its signal, also when that is over before', async () => {
    const stop = new AbortController();
    const sleep = clock.sleep(60_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(clock.sleep(60_000, stop.signal)).rejects.toThrow('enough');
  });
});
