import { HelixError, KeyedSignals, type Clock } from '@helix-agents/core';
import type { Database } from '../database/database.ts';
import { failureKind } from '../database/postgres-failure.ts';
import { sql, type Sql } from '../database/sql.ts';
import type { Tables } from '../database/tables.ts';
import type { PostgresPort } from '../port/postgres-port.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { packTopics, unpackTopics } from './payload.ts';

/** What happened in this time is said at once: a NOTIFY takes a lock that all of a server's databases share. */
const gatherMs = 2;
/**
 * Listening begins after the first step of a new process, which else waits for its connections. What was missed until then is found
 * in the look that everyone takes when it begins.
 */
const listenAfterMs = 50;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** How long the connection that listens outlives the last watch: sessions that come one after the other share it. */
const lingerMs = 1_000;

/** So many topics that could not be sent are kept; the oldest go first. */
const maxUnsent = 10_000;

const shared = new WeakMap<PostgresPort, Map<string, Notifier>>();

/** The notifier of a database and schema; its users share one connection that listens. */
export function notifierOf(options: ResolvedOptions): Notifier {
  const ofPort = shared.get(options.port) ?? new Map<string, Notifier>();
  shared.set(options.port, ofPort);
  const key = `${options.tables.schema} ${options.poll}`;
  const notifier = ofPort.get(key) ?? new Notifier(options);
  ofPort.set(key, notifier);
  return notifier;
}

/**
 * Carries "look again" between processes. Never part of a commit: it gathers what happened and sends it beside.
 *
 * Listeners of this process are called directly. Those of others hear a NOTIFY, or look every `pollMs` where they cannot listen.
 * Soon after nobody watches any more there is no connection and no timer.
 */
export class Notifier {
  readonly #clock: Clock;
  readonly #database: Database;
  readonly #poll: boolean;
  readonly #pollMs: number;
  readonly #channel: string;
  readonly #send: Sql;
  /** Tells our own notices, which come back to us, from those of others. */
  readonly #origin = crypto.randomUUID();
  readonly #listeners = new KeyedSignals();
  readonly #gathered = new Set<string>();
  /** What could not be sent: it goes with the next notice. No timer of its own, which would outlive the pool. */
  #unsent: readonly string[] = [];
  #sending = false;
  #stopHearing: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;

  constructor({ clock, database, poll, pollMs, tables }: ResolvedOptions) {
    this.#clock = clock;
    this.#database = database;
    this.#poll = poll;
    this.#pollMs = pollMs;
    this.#channel = `helix_${tables.schema}`;
    this.#send = sendNotices(tables);
  }

  /** Something happened to the topic. Returns at once; what cannot be sent goes with the next notice. */
  touch(topic: string): void {
    this.#listeners.notify(topic);
    this.#gathered.add(topic);
    this.#gather();
  }

  watch(topic: string, listener: () => void): () => void {
    const remove = this.#listeners.watch(topic, listener);
    this.#cancelLinger?.();
    this.#stopHearing ??= this.#poll ? this.#startPolling() : this.#startListening();
    return () => {
      remove();
      if (!this.#listeners.empty) return;
      this.#cancelLinger?.();
      this.#cancelLinger = this.#clock.after(lingerMs, () => this.rest());
    };
  }

  /** Lets go of the connection at once, where nobody watches. */
  rest(): void {
    if (!this.#listeners.empty) return;
    this.#cancelLinger?.();
    this.#stopHearing?.();
    this.#stopHearing = undefined;
  }

  #gather(): void {
    if (this.#sending || this.#gathered.size === 0) return;
    this.#sending = true;
    this.#clock.after(gatherMs, () => void this.#flush());
  }

  async #flush(): Promise<void> {
    const topics = new Set([...this.#unsent, ...this.#gathered]);
    this.#gathered.clear();
    this.#unsent = [];
    try {
      await this.#database.attempt(this.#send, [this.#channel, packTopics(this.#origin, topics)]);
    } catch (error) {
      // Nothing depends on a signal but speed. One that the database refuses must not take later ones with it.
      if (failureKind(error) === 'again') this.#unsent = Array.from(topics).slice(-maxUnsent);
    } finally {
      this.#sending = false;
      this.#gather();
    }
  }

  #startPolling(): () => void {
    let cancel = () => {};
    const tick = () => {
      this.#listeners.notifyAll();
      cancel = this.#clock.after(this.#pollMs, tick);
    };
    cancel = this.#clock.after(this.#pollMs, tick);
    return () => cancel();
  }

  /** Listens until it is stopped, anew after each loss. Whoever watches looks once when listening begins: something may have been missed. */
  #startListening(): () => void {
    const ended = new AbortController();
    void this.#keepListening(ended.signal);
    return () => ended.abort();
  }

  async #keepListening(ended: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs;
    await this.#clock.sleep(listenAfterMs, ended).catch(() => {});
    while (!ended.aborted) {
      try {
        await this.#listenOnce(ended, () => {
          pauseMs = firstPauseMs;
          this.#listeners.notifyAll();
        });
      } catch (error) {
        // Who cannot be called looks: a process that only reads is refused nothing, and hears all the same.
        if (HelixError.is(error, 'state_store_unsuitable')) return this.#pollUntil(ended);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
      if (!ended.aborted) await this.#clock.sleep(pauseMs, ended).catch(() => {});
    }
  }

  #pollUntil(ended: AbortSignal): void {
    if (ended.aborted) return;
    ended.addEventListener('abort', this.#startPolling(), { once: true });
  }

  /** Resolves when the connection is lost or no longer wanted. */
  async #listenOnce(ended: AbortSignal, onListening: () => void): Promise<void> {
    const over = Promise.withResolvers<void>();
    const hear = (payload: string) =>
      unpackTopics(this.#origin, payload).forEach((topic) => this.#listeners.notify(topic));
    const stop = await this.#database.port.listen?.(this.#channel, hear, over.resolve);
    ended.addEventListener('abort', () => over.resolve(), { once: true });
    if (ended.aborted) over.resolve();
    else onListening();
    await over.promise;
    await stop?.();
  }
}

/** Not waited for to reach the disk: a crash of the database ends the listening as well. $1 channel, $2 payloads */
function sendNotices(t: Tables): Sql {
  return sql(
    t,
    'send_notices',
    `select pg_notify($1, payload), set_config('synchronous_commit', 'off', true) from unnest($2::text[]) as payload`,
  );
}
