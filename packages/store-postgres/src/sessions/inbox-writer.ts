import { checkId, type DeliverOutcome, type HeadRow, type InboxItem } from '@helix-agents/core';
import { encodeJson } from '../database/encode-json.ts';
import { failureKind, isUniqueViolation, toHelixError } from '../database/postgres-failure.ts';
import { isAnswer } from '../port/is-answer.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { inboxKey } from './inbox-key.ts';
import type { SessionReader } from './session-reader.ts';
import { deliverItem, knowsItem } from './sql/deliver-item.ts';

const maxTries = 5;

/** Writes what outsiders deliver: once each, and never onto a session that is not there. */
export class InboxWriter {
  readonly #options: ResolvedOptions;
  readonly #reader: SessionReader;
  readonly #sql;

  constructor(options: ResolvedOptions, reader: SessionReader) {
    this.#options = options;
    this.#reader = reader;
    this.#sql = { deliver: deliverItem(options.tables), knows: knowsItem(options.tables) };
  }

  async deliver(sessionId: string, item: InboxItem): Promise<DeliverOutcome> {
    checkId('sessionId', sessionId);
    const body = encodeJson({ v: 1, item });
    const key = await inboxKey(item);
    let mayBeOurs = false;
    for (let tries = 1; ; tries += 1) {
      try {
        const outcome = (await this.#add(sessionId, key, item, body)) ?? (await this.#explain(sessionId, key, item));
        // The answer to our first try was lost: what is known now is what we delivered.
        if (outcome && mayBeOurs && outcome.head && isDuplicate(outcome)) {
          return { delivered: true, inbox: outcome.head.inbox, head: outcome.head };
        }
        if (outcome) return outcome;
      } catch (error) {
        const again = isUniqueViolation(error) || failureKind(error) === 'again';
        if (!again || tries === maxTries) throw toHelixError(error);
        // What the server refused, it took back.
        mayBeOurs ||= !isAnswer(error);
      }
    }
  }

  async #add(sessionId: string, key: string, item: InboxItem, body: string): Promise<DeliverOutcome | undefined> {
    const run = item.kind === 'stop' ? item.runId : null;
    const values = [this.#options.scope, sessionId, key, body, run];
    const [head] = await this.#options.database.attempt<HeadRow>(this.#sql.deliver, values);
    return head && { delivered: true, inbox: head.inbox, head };
  }

  /** Undefined: nothing stands in the way any more. */
  async #explain(sessionId: string, key: string, item: InboxItem): Promise<DeliverOutcome | undefined> {
    const head = await this.#reader.head(sessionId);
    if (!head) return { delivered: false, reason: 'no-session', head: null };
    const over = item.kind === 'stop' && (item.runId !== head.runId || head.phase === 'ended');
    if (over) return { delivered: false, reason: 'run-over', head };
    const known = await this.#options.database.repeatable(this.#sql.knows, [this.#options.scope, sessionId, key]);
    return known.length > 0 ? { delivered: false, reason: 'duplicate', head } : undefined;
  }
}

function isDuplicate(outcome: DeliverOutcome): boolean {
  return !outcome.delivered && outcome.reason === 'duplicate';
}
