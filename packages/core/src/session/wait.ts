import type { Json } from '../values/json.ts';

/** Why a run is parked. */
export type WaitKind = 'approval' | 'client-tool' | 'child' | 'timer' | 'input' | 'budget' | 'operator';

/** What somebody answered; it binds to one wait of one generation. */
export type WaitAnswer =
  | {
      readonly kind: 'approval-response';
      readonly approved: boolean;
      readonly reason?: string;
      /** Hash of the arguments that the person saw. */
      readonly argumentsHash: string;
      readonly editedArguments?: Json;
    }
  | { readonly kind: 'client-tool-result'; readonly result: Json }
  | { readonly kind: 'client-tool-error'; readonly message: string }
  | { readonly kind: 'child-outcome'; readonly delegationId: string; readonly result: ChildResult }
  | { readonly kind: 'input'; readonly value: Json }
  | { readonly kind: 'budget'; readonly extraTokens: number }
  | { readonly kind: 'continue' };

/** How a delegated session ended. */
export type ChildResult =
  | { readonly status: 'completed'; readonly output: Json }
  | { readonly status: 'failed' | 'interrupted' | 'lost'; readonly message: string };

/** A stored reason why a run waits. */
export interface WaitRecord {
  readonly v: 1;
  readonly waitId: string;
  readonly kind: WaitKind;
  readonly generation: number;
  readonly runId: string;
  /** The call that the answer settles or opens. */
  readonly callId?: string;
  readonly delegationId?: string;
  /** Hash of the arguments that an approval must name. */
  readonly argumentsHash?: string;
  /** Unix ms; reached without an answer, the wait is folded as timed out. */
  readonly deadline?: number;
}

/** A change of the open waits. A closed wait was answered, timed out or superseded; it leaves the snapshot. */
export type WaitChange =
  | { readonly op: 'open'; readonly wait: WaitRecord }
  | { readonly op: 'close'; readonly waitId: string; readonly how: 'answered' | 'timed-out' | 'superseded' };

/** A session that this one started and waits for. Its id is random and bound to one delegation. */
export interface ChildRecord {
  readonly v: 1;
  readonly delegationId: string;
  readonly callId: string;
  readonly generation: number;
  readonly agentType: string;
  readonly childSessionId: string;
}

/** A change of the children. A settled one gave its result; a detached one is not waited for any more. */
export type ChildChange =
  | { readonly op: 'add'; readonly child: ChildRecord }
  | { readonly op: 'remove'; readonly delegationId: string; readonly how: 'settled' | 'detached' };
