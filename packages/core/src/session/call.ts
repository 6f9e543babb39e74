import type { ErrorDetail } from '../errors/helix-error.ts';
import type { PatchOperation } from '../state/patch.ts';
import type { Json } from '../values/json.ts';
import type { NotExecutedReason } from './message.ts';
import type { UsageEntry } from './usage.ts';

/** Where the effect of a call happens. */
export type CallKind = 'tool' | 'finish' | 'client' | 'child';

/** What stands between a planned call and its dispatch. */
export type CallGate = { readonly at: 'open' } | { readonly at: 'closed'; readonly waitId: string };

/** What recovery may do with a call whose body was in flight when its owner died. */
export type ReplayPolicy = 'never' | 'safe' | 'verify';

/**
 * The ledger row of a call. Moves only forward; see {@link isFinal}.
 *
 * `planned` → `sent` → one of the final states, or `planned` → `failed` | `not-executed` without ever being sent.
 */
export type CallState =
  | { readonly at: 'planned' }
  | { readonly at: 'sent'; readonly attempt: number; readonly epoch: number }
  | {
      readonly at: 'settled';
      readonly result: Json;
      readonly patch?: readonly PatchOperation[];
      /** How many calls of the step had ended when this one was sent: their writes are what its patch builds on. */
      readonly after?: number;
      readonly finishes?: true;
    }
  | { readonly at: 'failed'; readonly error: ErrorDetail }
  | { readonly at: 'not-executed'; readonly reason: NotExecutedReason; readonly note?: string }
  | { readonly at: 'unknown'; readonly note: string };

/** One call of the open step. It leaves the snapshot when its result is in the transcript. */
export interface CallRecord {
  readonly v: 1;
  readonly callId: string;
  readonly toolName: string;
  readonly kind: CallKind;
  readonly input: Json;
  readonly gate: CallGate;
  readonly replay: ReplayPolicy;
  /** Runs alone: no sibling is in flight beside it. */
  readonly sequential: boolean;
  /** Bodies started so far, over all owners. */
  readonly attempts: number;
  readonly state: CallState;
  /** What its body used, of a call that ended outside of a commit: the commit that closes its step writes it. */
  readonly usage?: readonly UsageEntry[];
}

/** A change of one ledger row, written by a commit or by itself. */
export interface CallChange {
  readonly callId: string;
  readonly gate?: CallGate;
  readonly state?: CallState;
  /** What the body used, where the change is written by itself. A commit has a list of its own for it. */
  readonly usage?: readonly UsageEntry[];
}

/** A change that is kept by itself, beside the commits. */
export interface StoredCallChange extends CallChange {
  readonly v: 1;
}

/** Whether the call has its one outcome. */
export function isFinal(state: CallState): boolean {
  return state.at !== 'planned' && state.at !== 'sent';
}

const order = { planned: 0, sent: 1, settled: 2, failed: 2, 'not-executed': 2, unknown: 2 } as const;

/** Whether a ledger row may go from one state to the other: only forward, and from `sent` again only as a later attempt. */
export function mayMove(from: CallState, to: CallState): boolean {
  if (from.at === 'sent' && to.at === 'sent') return to.attempt > from.attempt && to.epoch >= from.epoch;
  return order[to.at] > order[from.at];
}
