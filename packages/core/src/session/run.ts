import type { ErrorDetail } from '../errors/helix-error.ts';
import type { Json } from '../values/json.ts';

/** How a run ended. */
export type RunOutcome = 'completed' | 'failed' | 'interrupted' | 'aborted';

/** What brought the run to its end. */
export type CompletionReason = 'reply' | 'finish' | 'stop_when' | 'max_steps' | 'error' | 'stop' | 'superseded';

/**
 * Why a model stopped where that was not at the end of its answer: at its limit of tokens, or for a reason of its provider's own.
 */
export type UnusualStop = 'max_tokens' | 'other';

/** Which entry made the run. */
export type RunEntry = 'execute' | 'resume' | 'retry' | 'answer';

/** Begins a run; written by an entry commit. */
export interface RunStart {
  readonly op: 'start';
  readonly sessionId: string;
  readonly runId: string;
  readonly turn: number;
  readonly entry: RunEntry;
  readonly agentType: string;
  readonly runtime: string;
  /** Id of the user message that began the turn: the same id again returns this run. */
  readonly key: string | null;
  /** Unix ms. */
  readonly startedAt: number;
  /** Position of the stream when the run began. */
  readonly startSequence: number;
  /** Where present, the run begins owned by this holder; else it is queued for whoever claims it. */
  readonly claim?: { readonly holderId: string };
  /** The run that was open before is ended by this entry, with this outcome. */
  readonly supersedes?: RunEnd;
}

/** Ends a run, in the one commit that says so. */
export interface RunEnd {
  readonly op: 'end';
  readonly outcome: RunOutcome;
  readonly reason: CompletionReason;
  readonly output?: Json;
  /** Of a reply that is the output, where the model did not come to the end of it. */
  readonly stopReason?: UnusualStop;
  readonly error?: ErrorDetail;
  /** Unix ms. */
  readonly endedAt: number;
}

/** Leaves a run waiting; nothing of it is in memory afterwards. */
interface RunPark {
  readonly op: 'park';
  readonly on: readonly string[];
}

/** Gives a run its (next) owner; written by `claim` of the store. */
interface RunClaim {
  readonly op: 'claim';
  readonly holderId: string;
  /** The former owner died or let go while the run was live. */
  readonly takeover: boolean;
}

/** What a commit does to the run of its session. */
export type RunChange = RunStart | RunEnd | RunPark | RunClaim;

/** Where a run stands. Each phase has only what exists in it. */
export type RunPhase =
  | { readonly at: 'queued' }
  | { readonly at: 'running'; readonly holderId: string }
  | { readonly at: 'parked'; readonly on: readonly string[] }
  | ({ readonly at: 'ended' } & Omit<RunEnd, 'op'>);

/** The current run of a session, or its last one. */
export interface RunRecord {
  readonly v: 1;
  readonly runId: string;
  readonly turn: number;
  readonly entry: RunEntry;
  readonly key: string | null;
  readonly startedAt: number;
  readonly startSequence: number;
  /** Steps of this run whose reply landed. */
  readonly stepCount: number;
  /** Takeovers since the last commit that made progress. */
  readonly takeovers: number;
  readonly phase: RunPhase;
}

/** Whether the run of a session rests: it ended, or somebody must act. Its owner lets go. */
export function isResting({ run }: { readonly run: RunRecord | null }): boolean {
  return run?.phase.at !== 'running';
}

/** Whether a run has not ended: it is queued, running or parked. */
export function isLive(run: RunRecord | null): run is RunRecord {
  return run !== null && run.phase.at !== 'ended';
}
