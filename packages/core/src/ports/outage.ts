import { HelixError } from '../errors/helix-error.ts';
import type { RuntimePorts } from './ports.ts';

/** What the log says when an outage begins, and when it is over. */
interface OutageWords {
  readonly begins: string;
  readonly ends: string;
}

/**
 * Tells the log of something that does not answer one who waits for it: a line when that begins, another where the failure becomes a
 * different one, and a last one when it is over. How often it is tried in between does not matter.
 */
export class Outage {
  readonly #ports: Pick<RuntimePorts, 'clock' | 'logger'>;
  readonly #words: OutageWords;
  readonly #fields: Readonly<Record<string, unknown>>;
  #failing: { readonly since: number; readonly code: string | undefined } | undefined;

  constructor(
    ports: Pick<RuntimePorts, 'clock' | 'logger'>,
    words: OutageWords,
    fields: Readonly<Record<string, unknown>> = {},
  ) {
    this.#ports = ports;
    this.#words = words;
    this.#fields = fields;
  }

  failed(error: unknown): void {
    const { clock, logger } = this.#ports;
    const code = HelixError.is(error) ? error.code : undefined;
    const before = this.#failing;
    if (before && before.code === code) return;
    this.#failing = { since: before?.since ?? clock.monotonic(), code };
    const level = HelixError.is(error) && !error.retryable ? 'error' : 'warn';
    logger.log(level, this.#words.begins, { ...this.#fields, error });
  }

  /** Also where nothing failed before. */
  answered(): void {
    if (!this.#failing) return;
    const { clock, logger } = this.#ports;
    const afterMs = Math.round(clock.monotonic() - this.#failing.since);
    this.#failing = undefined;
    logger.log('info', this.#words.ends, { ...this.#fields, afterMs });
  }
}
