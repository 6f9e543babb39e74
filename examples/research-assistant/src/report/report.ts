import type { Failure } from '@helix-agents/example-environment';
import type { AgentResult, StreamChunk, UsageRollup } from '@helix-agents/sdk';
import type { ResearchAnswer } from '../agent.ts';
import type { Skipped } from '../documents/folder.ts';
import type { ToolResult } from '../last-results.ts';

/** How far an open run has come. */
export interface Progress {
  readonly sessionId: string;
  readonly stepsDone: number;
}

/** A model call that failed and is made again. */
interface Retry {
  /** The one that follows; 1 was the first. */
  readonly attempt: number;
  /** Of how many. */
  readonly of: number;
  readonly waitMs: number;
  readonly code: string;
  /** Why the last one failed. */
  readonly reason: string;
}

/** Tells what happens, as it happens. */
export interface Report {
  /** Before the run: what answers, over what. */
  begin(facts: {
    readonly sessionId: string;
    readonly model: string;
    readonly folder: string;
    readonly documents: number;
    /** null: only what was left open is finished. */
    readonly question: string | null;
  }): void;
  /** The files and folders that are left out. */
  skipped(files: readonly Skipped[]): void;
  /** An open run is taken up again; `results` are those of its last recorded step, where nobody may have been told of them. */
  recovered(progress: Progress, results: readonly ToolResult[]): void;
  /** A run that was stopped or failed is gone on with by a new one, which counts its own steps. */
  resumed(progress: Progress, results: readonly ToolResult[]): void;
  /** An open run is alive in another process. */
  follows(progress: Progress): void;
  retry(retry: Retry): void;
  /** Anything else that the person should know while it goes on. */
  notice(text: string): void;
  chunk(chunk: StreamChunk): void;
  end(result: AgentResult<ResearchAnswer>, usage: UsageRollup, milliseconds: number): void;
  problem(failure: Failure): void;
}
