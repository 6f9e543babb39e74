import type { MessageRecord, NewMessage } from '@helix-agents/core';
import type { Judge } from './violation.ts';

/** Judges the transcript as it grows: calls and results, their order, ids (S4, S5, S8). */
export class TranscriptRules {
  readonly messages: MessageRecord[] = [];
  readonly #judge: Judge;
  readonly #ids = new Set<string>();
  readonly #callIds = new Set<string>();
  /** Calls of the last reply that have no result yet, in order. */
  #owed: string[] = [];

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** Calls whose results are still to come. */
  get owed(): readonly string[] {
    return this.#owed;
  }

  append(message: NewMessage): void {
    this.messages.push({ ...message, seq: this.messages.length + 1 });
    const rule = message.role === 'user' ? 'S8' : 'S4';
    this.#judge.expect(rule, !this.#ids.has(message.id), () => `the message ${message.id} is there twice`);
    this.#ids.add(message.id);
    if (message.role === 'tool') return this.#results(message);
    this.#judge.expect(
      'S5',
      this.#owed.length === 0,
      () => `a ${message.role} message stands before the result of ${this.#owed[0]}`,
    );
    if (message.role === 'assistant') this.#calls(message);
  }

  #calls({ parts }: NewMessage): void {
    for (const part of parts) {
      if (part.type !== 'tool-call') continue;
      this.#judge.expect(
        'S5',
        !this.#callIds.has(part.toolCallId),
        () => `the call id ${part.toolCallId} is there twice`,
      );
      this.#callIds.add(part.toolCallId);
      this.#owed.push(part.toolCallId);
    }
  }

  #results({ parts }: NewMessage): void {
    for (const part of parts) {
      if (part.type !== 'tool-result') continue;
      const [next] = this.#owed;
      this.#judge.expect(
        'S4',
        part.toolCallId === next,
        () => `a result of ${part.toolCallId} stands where ${next} is owed`,
      );
      this.#owed = this.#owed.slice(1);
    }
  }
}
