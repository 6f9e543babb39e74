import type { WaitAnswer } from './wait.ts';
import type { MessagePart } from './message.ts';

/** `interrupt` leaves the session resumable, `abort` does not. */
export type StopKind = 'interrupt' | 'abort';

/** What an outsider delivers. None of it moves the session's version; all of it raises `inbox`. */
export type InboxItem =
  | {
      readonly kind: 'answer';
      readonly waitId: string;
      readonly generation: number;
      readonly answer: WaitAnswer;
      readonly at: number;
    }
  | {
      readonly kind: 'stop';
      readonly runId: string;
      readonly stop: StopKind;
      readonly reason?: string;
      readonly at: number;
    }
  | {
      readonly kind: 'message';
      readonly messageId: string;
      readonly parts: readonly MessagePart[];
      readonly at: number;
    };

/** A delivered item with its number; the number is the value of the session's `inbox` counter after it. */
export interface InboxEntry {
  readonly v: 1;
  readonly seq: number;
  readonly item: InboxItem;
}
