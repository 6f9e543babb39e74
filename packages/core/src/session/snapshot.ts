import type { ErrorDetail } from '../errors/helix-error.ts';
import type { Json } from '../values/json.ts';
import type { CallRecord } from './call.ts';
import type { InboxEntry } from './inbox.ts';
import type { RunRecord, UnusualStop } from './run.ts';
import type { UsageRollup } from './usage.ts';
import type { ChildRecord, WaitRecord } from './wait.ts';

/** How the model is asked: freely, told to finish, made to finish, or asked to summarise what was said. */
export type ModelMode = 'normal' | 'final-step' | 'forced' | 'compact';

/** Steps in a row that did nothing but fail to give the output, and how the last of them failed. */
export interface RefusedOutput {
  readonly times: number;
  readonly message: string;
}

/** What the judges (schemas, `stopWhen`, the loop's own rules) made of the last closed step. */
export type StepVerdict =
  | { readonly is: 'continue'; readonly refused?: RefusedOutput }
  | {
      readonly is: 'done';
      readonly reason: 'reply' | 'finish' | 'stop_when';
      readonly output?: Json;
      readonly stopReason?: UnusualStop;
    }
  /** The agent owes a typed output and must give it; replies that had to and did not are its misses. */
  | { readonly is: 'needs-output'; readonly misses: number; readonly refused?: RefusedOutput }
  /** A hook or judge failed: the run cannot go on. */
  | { readonly is: 'broken'; readonly error: ErrorDetail };

/** The step that is not in the transcript as a whole yet. */
export type OpenStep =
  | {
      readonly at: 'failed';
      readonly step: number;
      readonly mode: ModelMode;
      readonly attempt: number;
      readonly error: ErrorDetail;
      /** Unix ms, not before; `null`: no further attempt. */
      readonly retryAt: number | null;
    }
  | { readonly at: 'calls'; readonly step: number; readonly mode: ModelMode; readonly calls: readonly CallRecord[] };

/** Who and what a session is about; given when it is made. */
export interface SessionIdentity {
  readonly userId?: string;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * All that `decide` reads: the head and the open step, never the history. Folded from commits by `fold`, so its size follows
 * the open step and the custom state, not the length of the session.
 */
export interface SessionSnapshot {
  readonly v: 1;
  readonly sessionId: string;
  /** Its stream; absent where a former release made the session: see `streamIdOf`. */
  readonly streamId?: string;
  readonly agentType: string;
  readonly runtime: string;
  readonly identity: SessionIdentity;
  /** Prompt of an agent whose prompt is a function of state: fixed when the session was made. */
  readonly systemPrompt: string | null;
  /** Counts commits. */
  readonly version: number;
  /** Counts owners. */
  readonly epoch: number;
  /** Number of the last inbox entry that this snapshot knows. */
  readonly inbox: number;
  /** Counts rewinds. */
  readonly generation: number;
  readonly lastToken: string;
  readonly run: RunRecord | null;
  readonly step: OpenStep | null;
  readonly verdict: StepVerdict;
  readonly state: Json;
  readonly messageCount: number;
  /** Position of the stream for which messages and state stand. */
  readonly streamSequence: number;
  /**
   * Position up to which that is sure, where it is not: its owner could not open the stream, and counted on from there. A former owner
   * may have left something at these places, and nobody knows of what the record stands for.
   */
  readonly streamSure?: number | undefined;
  readonly usage: UsageRollup;
  /** Tokens that the next model call will carry at least. */
  readonly contextTokens: number;
  /** Tokens granted beyond the budget of the agent. */
  readonly extraTokens: number;
  readonly waits: readonly WaitRecord[];
  readonly children: readonly ChildRecord[];
  /** Delivered and not consumed yet, in order. */
  readonly unread: readonly InboxEntry[];
  readonly createdAt: number;
  readonly updatedAt: number;
}
