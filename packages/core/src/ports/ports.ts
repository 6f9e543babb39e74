import type { Limits } from './limits.ts';

/** Time as a process sees it. Leases compare the larger of wall and monotonic time since a renewal. */
export interface Clock {
  /** Unix ms. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, abortSignal?: AbortSignal): Promise<void>;
  /** Calls back after `ms`; returns the way to cancel. */
  after(ms: number, callback: () => void): () => void;
}

/** Where chance comes from. */
export interface Random {
  /** In [0, 1). */
  fraction(): number;
  bytes(length: number): Uint8Array;
}

/** Makes ids: a prefix and a UUIDv7, so that they sort by time. */
export interface Ids {
  next(prefix: string): string;
}

/** Takes what happened, as data; never throws. */
export interface Logger {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A span in progress. */
export interface Span {
  set(attributes: Readonly<Record<string, string | number | boolean>>): void;
  end(error?: unknown): void;
  /**
   * Begins the work that the span stands for, at once, and answers its promise: spans that the work starts are to be children of this
   * one, as within OpenTelemetry's `context.with`. Default: nobody hears of it.
   */
  within?<T>(work: () => Promise<T>): Promise<T>;
}

/** Starts spans around model calls (`chat`), tools (`execute_tool`) and commits (`commit`), named as OpenTelemetry's GenAI conventions. */
export interface Instrumentation {
  startSpan(name: string, attributes: Readonly<Record<string, string | number | boolean>>): Span;
}

/** Everything that a runtime takes from its surroundings. Tests replace it as a whole. */
export interface RuntimePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly instrumentation: Instrumentation;
}
