/** What a worker is asked to do. */
export interface Ask {
  readonly id: number;
  readonly op: 'execute' | 'say' | 'resume' | 'retry' | 'interrupt' | 'abort' | 'delete' | 'memory' | 'close';
  readonly agent: string;
  readonly sessionId: string;
  readonly messageId: string;
  readonly text: string;
}

/** What a worker tells: that it is there, an answer, or what came of a run that somebody waits for in it. */
export type Told =
  | { readonly ready: true }
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string }
  | { readonly event: 'result'; readonly sessionId: string; readonly runId: string; readonly status: string }
  | { readonly event: 'failed'; readonly sessionId: string; readonly runId: string; readonly message: string };
