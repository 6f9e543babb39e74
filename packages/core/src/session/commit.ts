import type { ErrorDetail } from '../errors/helix-error.ts';
import type { PatchOperation } from '../state/patch.ts';
import type { Json } from '../values/json.ts';
import type { CallChange, CallRecord } from './call.ts';
import type { NewMessage } from './message.ts';
import type { OutboxEntry } from './outbox.ts';
import type { RunChange, RunPhase } from './run.ts';
import type { ModelMode, SessionIdentity, StepVerdict } from './snapshot.ts';
import type { UsageEntry } from './usage.ts';
import type { ChildChange, WaitChange } from './wait.ts';

/** What must still be true for a commit to land. */
export type Fence =
  /** Makes a run; the store raises the epoch and answers it. `version` 0 means: no such session yet. */
  | { readonly as: 'entry'; readonly expectRunId: string | null; readonly version: number; readonly inbox: number }
  /**
   * `lastToken` is that of the commit that it stands on: a session that was deleted and made anew under its id may be at the same
   * version and epoch. `inbox` stands where the commit parks, ends, abandons or settles waits.
   */
  | {
      readonly as: 'owner';
      readonly epoch: number;
      readonly version: number;
      readonly lastToken: string;
      readonly inbox?: number;
    };

/** Makes the session; only in its first commit. */
export interface SessionCreate {
  /** The stream of this session alone. Records of former releases have none: there, it is that of the session's id. */
  readonly streamId?: string;
  readonly agentType: string;
  readonly runtime: string;
  readonly state: Json;
  readonly identity: SessionIdentity;
  readonly systemPrompt: string | null;
}

/** What became of the open step. */
export type StepChange =
  /** The model replied. Without calls the step is closed at once, with a verdict. */
  | {
      readonly op: 'reply';
      readonly step: number;
      readonly mode: ModelMode;
      readonly attempt: number;
      readonly calls: readonly CallRecord[];
      readonly verdict?: StepVerdict;
    }
  /** The model call failed; no further attempt where `retryAt` is null. */
  | {
      readonly op: 'failed';
      readonly step: number;
      readonly mode: ModelMode;
      readonly attempt: number;
      readonly error: ErrorDetail;
      readonly retryAt: number | null;
    }
  /** Every call has its result in the transcript. */
  | { readonly op: 'close'; readonly verdict: StepVerdict };

/** What a commit changes of the head: state, open step, stream position, inbox. */
export interface HeadPatch {
  readonly create?: SessionCreate;
  readonly state?: readonly PatchOperation[];
  readonly step?: StepChange;
  readonly streamSequence?: number;
  /** Up to where that is sure; see the snapshot. */
  readonly streamSure?: number | undefined;
  /** Numbers of the inbox entries that this commit has dealt with. */
  readonly consumes?: readonly number[];
  readonly extraTokens?: number;
  /** The user's messages of this commit are for the next run: what was done stays done. */
  readonly verdictStays?: true;
  /** A person let the run go on after too many takeovers. */
  readonly forgiven?: true;
}

/** One atomic write of a run's owner, or of an entry. */
export interface SessionCommit {
  readonly v: 1;
  /**
   * Unique per attempt to write: the same commit again is answered with what it came to, also where its fence stands on top of
   * the very row that it made.
   */
  readonly token: string;
  readonly fence: Fence;
  /** Unix ms of the writer's clock. */
  readonly at: number;
  readonly run?: RunChange;
  readonly head?: HeadPatch;
  readonly messages?: readonly NewMessage[];
  readonly calls?: readonly CallChange[];
  readonly waits?: readonly WaitChange[];
  readonly children?: readonly ChildChange[];
  readonly outbox?: readonly OutboxEntry[];
  readonly usage?: readonly UsageEntry[];
}

/** A commit as it is kept: the fence has done its work, what it came to stands in its place. */
export interface CommitRecord extends Omit<SessionCommit, 'fence'> {
  readonly version: number;
  readonly epoch: number;
}

/** Where a session stands, as a refused writer learns it. */
export interface HeadRow {
  readonly version: number;
  readonly epoch: number;
  readonly inbox: number;
  readonly runId: string | null;
  /** Where the current run stands; null before the first. */
  readonly phase: RunPhase['at'] | null;
}

/**
 * What became of a commit. `stale`: another commit came first. `fenced`: another owner took over. `inbox-moved`: read the inbox
 * and decide again. `unknown`: start no effect, drop the snapshot, let the lease lapse.
 */
export type CommitOutcome =
  | { readonly landed: true; readonly version: number; readonly epoch: number; readonly inbox: number }
  | { readonly landed: false; readonly reason: 'stale' | 'fenced' | 'inbox-moved'; readonly head: HeadRow | null }
  | { readonly landed: 'unknown'; readonly cause: unknown };

/** Whether a commit changes who owns the session or whether it waits; such a commit is also found across sessions. */
export function isBoundary(commit: Pick<SessionCommit, 'run' | 'waits' | 'children' | 'outbox' | 'head'>): boolean {
  const { run, waits, children, outbox, head } = commit;
  return Boolean(run ?? waits?.length ?? children?.length ?? outbox?.length ?? head?.consumes?.length);
}
