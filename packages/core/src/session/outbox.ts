import type { StopKind } from './inbox.ts';
import type { ChildResult } from './wait.ts';

/** What this session owes others. Delivered at least once; the receiver is idempotent by (delegation, run, kind). */
export type OutboxItem =
  | {
      readonly kind: 'notify-parent';
      readonly parentSessionId: string;
      readonly delegationId: string;
      readonly result: ChildResult;
    }
  | {
      readonly kind: 'stop-child';
      readonly childSessionId: string;
      readonly delegationId: string;
      readonly stop: StopKind;
    };

/** An item of the outbox with its id. */
export interface OutboxEntry {
  readonly v: 1;
  /** Unique in the session and the same when the commit is repeated. */
  readonly id: string;
  readonly item: OutboxItem;
}
