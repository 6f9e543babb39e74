import {
  charactersOf,
  deliveryKey,
  fold,
  foldCalls,
  foldInbox,
  freezeDeep,
  headRowOf,
  isFinal,
  refusalOf,
  supersededRun,
  type CallChange,
  type CallClaim,
  type CallRecord,
  type CommitOutcome,
  type CommitRecord,
  type InboxItem,
  type MessageRecord,
  type RunRecord,
  type SessionCommit,
  type SessionSnapshot,
} from '@helix-agents/core';
import { adoptJson } from './adopt-json.ts';

interface Place {
  readonly token: string;
  readonly version: number;
  readonly epoch: number;
}

/**
 * All that is kept of one session. What a commit means is `fold`'s business alone; here is what a fold cannot hold: the
 * transcript, former runs, and which tokens and items came before.
 */
export class StoredSession {
  readonly #messages: MessageRecord[] = [];
  readonly #formerRuns: RunRecord[] = [];
  /** Of every commit, the first one first. */
  readonly #places: Place[] = [];
  /** Also what was consumed since: a repetition adds nothing. */
  readonly #delivered = new Set<string>();
  #folded: SessionSnapshot | null = null;

  /** The snapshot for the store's own eyes: parts of it may not be frozen. */
  get folded(): SessionSnapshot | null {
    return this.#folded;
  }

  /** The snapshot for callers. */
  get snapshot(): SessionSnapshot | null {
    return freezeDeep(this.#folded);
  }

  /** Messages with `seq > after`, at most `limit`, up to the one by which they have so many characters. */
  messagesAfter(after: number, limit: number, maxCharacters: number): MessageRecord[] {
    const from = Math.max(0, after);
    const messages = this.#messages.slice(from, from + limit);
    const large = maxCharacters === Infinity ? -1 : indexOfLarge(messages, maxCharacters);
    return (large === -1 ? messages : messages.slice(0, large + 1)).map(freezeDeep);
  }

  get runs(): RunRecord[] {
    const run = this.snapshot?.run;
    return run ? [...this.#formerRuns, run] : [];
  }

  /** @throws for data that cannot be stored, or that does not fold; then nothing has changed */
  commit(commit: SessionCommit): CommitOutcome {
    const before = this.#folded;
    const known = this.#placeOf(commit);
    if (known) return { landed: true, version: known.version, epoch: known.epoch, inbox: before?.inbox ?? 0 };
    const head = before && headRowOf(before);
    const reason = refusalOf(head, before?.lastToken ?? null, commit.fence);
    if (reason) return { landed: false, reason, head };
    const { fence } = commit;
    const epoch = fence.as === 'entry' ? (before?.epoch ?? 0) + 1 : fence.epoch;
    return this.append({ ...adoptJson(commit), version: fence.version + 1, epoch });
  }

  /** Appends a record that follows the last one, and that nobody else has. */
  append(record: CommitRecord): CommitOutcome {
    const before = this.#folded;
    const after = fold(before, record);
    const former = record.run?.op === 'start' && before && supersededRun(before, record);
    if (former) this.#formerRuns.push(freezeDeep(former));
    for (const message of record.messages ?? []) {
      this.#messages.push({ ...message, seq: this.#messages.length + 1 });
    }
    const { version, epoch, inbox } = after;
    this.#places.push({ token: record.token, version, epoch });
    this.#folded = after;
    return { landed: true, version, epoch, inbox };
  }

  /** Whether the item is new; a stop is only taken for the run that is live. */
  deliver(item: InboxItem): 'delivered' | 'duplicate' | 'run-over' {
    const before = this.#folded;
    if (!before || (item.kind === 'stop' && !isCurrent(before, item.runId))) return 'run-over';
    const adopted = structuredClone(adoptJson(item));
    const { name, contents } = deliveryKey(adopted);
    if (this.#delivered.has(`${name} ${contents}`)) return 'duplicate';
    const entry = { v: 1 as const, seq: before.inbox + 1, item: adopted };
    this.#delivered.add(`${name} ${contents}`);
    this.#folded = foldInbox(before, [entry]);
    return 'delivered';
  }

  /** Writes final states of calls that this claim sent; answers the ids that were written. */
  settleCalls(claim: CallClaim, changes: readonly CallChange[]): string[] {
    const sent = this.#callsOf(claim).filter(({ state }) => state.at === 'sent' && state.epoch === claim.epoch);
    const open = new Set(sent.map(({ callId }) => callId));
    const allowed = changes.flatMap(({ callId, state, usage }) =>
      state && isFinal(state) && open.delete(callId) ? [{ callId, state, ...(usage && { usage }) }] : [],
    );
    return this.#changeCalls(adoptJson(allowed));
  }

  /** Moves planned calls to `sent`; answers the ids that were moved. */
  claimCalls(claim: CallClaim, callIds: readonly string[]): string[] {
    const wanted = new Set(callIds);
    const planned = this.#callsOf(claim).filter(({ callId, state }) => wanted.has(callId) && state.at === 'planned');
    return this.#changeCalls(
      planned.map(({ callId, attempts }) => ({
        callId,
        state: { at: 'sent', attempt: attempts + 1, epoch: claim.epoch },
      })),
    );
  }

  /** Where the commit landed before: at its own place, or right below, where its writer has read it and stands on top of it. */
  #placeOf({ fence, token }: SessionCommit): Place | undefined {
    return [this.#places[fence.version], this.#places[fence.version - 1]].find((place) => place?.token === token);
  }

  #callsOf({ runId, epoch }: CallClaim): readonly CallRecord[] {
    const now = this.#folded;
    if (!now || now.epoch !== epoch || !isCurrent(now, runId)) return [];
    return now.step?.at === 'calls' ? now.step.calls : [];
  }

  #changeCalls(changes: readonly CallChange[]): string[] {
    if (this.#folded && changes.length > 0) this.#folded = foldCalls(this.#folded, changes);
    return changes.map(({ callId }) => callId);
  }
}

function isCurrent({ run }: SessionSnapshot, runId: string): boolean {
  return run?.runId === runId && run.phase.at !== 'ended';
}

/** The message by which they have so many characters; -1 for none. */
function indexOfLarge(messages: readonly MessageRecord[], maxCharacters: number): number {
  let characters = 0;
  return messages.findIndex((message) => (characters += charactersOf(message)) >= maxCharacters);
}
