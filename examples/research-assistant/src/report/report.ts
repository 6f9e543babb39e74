import type { AgentResult, StreamChunk, UsageRollup } from '@helix-agents/sdk';
import type { ResearchAnswer } from '../agent.ts';

/** Tells what happens, as it happens. */
export interface Report {
  /** Before the run: what answers, over what. */
  begin(facts: {
    readonly sessionId: string;
    readonly model: string;
    readonly folder: string;
    readonly documents: number;
  }): void;
  /** A file that is left out. */
  skipped(path: string, reason: string): void;
  /** An open run is taken up again. */
  recovered(facts: { readonly sessionId: string; readonly stepsDone: number; readonly messages: number }): void;
  /** Anything else that the person should know while it goes on. */
  notice(text: string): void;
  chunk(chunk: StreamChunk): void;
  end(result: AgentResult<ResearchAnswer>, usage: UsageRollup, milliseconds: number): void;
  problem(message: string, nextStep: string): void;
}
