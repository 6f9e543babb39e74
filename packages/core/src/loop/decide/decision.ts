import type { ErrorCode } from '../../errors/error-table.ts';
import type { CompletionReason, RunOutcome } from '../../session/run.ts';
import type { ModelMode } from '../../session/snapshot.ts';

/** Why a run ends. */
export interface Cause {
  readonly reason: CompletionReason;
  /** Where the reason is a limit of ours. An error of the model or a hook stands in the snapshot. */
  readonly code?: ErrorCode;
}

/** Something that is already true and only has to be written down. */
export type Fact =
  /** A stop was asked for: calls, waits and children of the open step are given up. */
  | { readonly fact: 'stop'; readonly seq: number }
  /** Somebody answered an open wait. */
  | { readonly fact: 'answer'; readonly seq: number; readonly waitId: string }
  /** A wait ran out. */
  | { readonly fact: 'timeout'; readonly waitId: string }
  /** Every call of the step has its outcome: the results go into the transcript, in call order. */
  | { readonly fact: 'results' }
  /** A message, a late answer, or a stop for a run that is over. */
  | { readonly fact: 'news'; readonly seq: number; readonly verdictStays?: true };

/** News that one decision names; the next one names what is left. An engine keeps decisions: none has more than 32 KiB. */
export const maxNews = 500;

/** What happens next. Ids only: whoever performs it reads the bodies. */
export type Decision =
  | { readonly kind: 'end'; readonly outcome: RunOutcome; readonly cause: Cause }
  /** Calls that were sent, but whose claimant is gone: verify, repeat, or settle as unknown. */
  | { readonly kind: 'reconcile'; readonly calls: readonly string[] }
  /** One commit, no effect. */
  | { readonly kind: 'fold'; readonly facts: readonly Fact[] }
  | { readonly kind: 'dispatch'; readonly tools: readonly string[]; readonly children: readonly string[] }
  | { readonly kind: 'call-model'; readonly mode: ModelMode; readonly step: number; readonly attempt: number }
  | { readonly kind: 'park'; readonly on: readonly string[]; readonly wakeAt?: number };
