import type { MessageRecord, NewMessage } from '../../session/message.ts';

/** Reads messages of one session with `seq > after`, at most `limit`. */
type MessageReader = (after: number, limit: number) => Promise<MessageRecord[]>;

/**
 * The messages of a session in this process: fetched once, then only what it lacks. Reading it costs nothing per step, so the
 * length of a session does not show in the cost of a step.
 */
export class Transcript {
  readonly #read: MessageReader;
  readonly #messages: MessageRecord[] = [];
  readonly #callIds = new Set<string>();
  /** Below which number every `<id>_<n>` is taken. */
  readonly #freeFrom = new Map<string, number>();

  constructor(read: MessageReader) {
    this.#read = read;
  }

  /** All messages up to `count`. The array is live: valid until the next commit. */
  upTo(count: number): readonly MessageRecord[] | Promise<readonly MessageRecord[]> {
    return this.#messages.length < count ? this.#fetch(count) : this.#messages;
  }

  async #fetch(count: number): Promise<readonly MessageRecord[]> {
    const missing = await this.#read(this.#messages.length, count - this.#messages.length);
    missing.forEach((message) => this.#add(message));
    return this.#messages;
  }

  /** Takes over what a commit appended, if everything before it is here. */
  append(after: number, messages: readonly NewMessage[]): void {
    if (this.#messages.length !== after) return;
    messages.forEach((message, index) => this.#add({ ...message, seq: after + index + 1 }));
  }

  /**
   * An id for a call that no other call of the session has: the given one, or `<id>_<n>` with the lowest free n. `repeated`: how many
   * of `alsoTaken` were named after the same id; so many numbers are taken.
   */
  uniqueCallId(id: string, alsoTaken: ReadonlySet<string>, repeated = 0): string {
    const taken = (candidate: string) => this.#callIds.has(candidate) || alsoTaken.has(candidate);
    if (!taken(id)) return id;
    let n = this.#freeFrom.get(id) ?? 2;
    while (this.#callIds.has(`${id}_${n}`)) n += 1;
    this.#freeFrom.set(id, n);
    n = Math.max(n, repeated + 1);
    while (taken(`${id}_${n}`)) n += 1;
    return `${id}_${n}`;
  }

  #add(message: MessageRecord): void {
    this.#messages.push(message);
    if (message.role !== 'assistant') return;
    for (const part of message.parts) if (part.type === 'tool-call') this.#callIds.add(part.toolCallId);
  }
}
