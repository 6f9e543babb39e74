import type { Filled } from '../values/filled.ts';
import type { Json } from '../values/json.ts';

/** Tokens of one model call. `total` is what the provider says, else the sum. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
  readonly total: number;
  readonly cachedInput?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly reasoning?: number | undefined;
}

/** One entry of the usage record: an attempt of a model call, a tool call whose body was sent, or what a tool recorded itself. */
export type UsageEntry =
  | {
      readonly v: 1;
      readonly kind: 'tokens';
      readonly runId: string;
      readonly step: number;
      readonly attempt: number;
      readonly model?: string;
      /** Zeros where the provider did not say. */
      readonly tokens: TokenUsage;
      readonly durationMs: number;
      readonly at: number;
    }
  | {
      readonly v: 1;
      readonly kind: 'tool';
      readonly runId: string;
      readonly step: number;
      readonly callId: string;
      readonly toolName: string;
      readonly ok: boolean;
      /** How long the body ran; 0 where nobody who saw it end wrote it down. */
      readonly durationMs: number;
      readonly at: number;
    }
  | {
      readonly v: 1;
      readonly kind: 'custom';
      readonly runId: string;
      readonly step: number;
      readonly name: string;
      readonly data: Json;
      readonly at: number;
    };

/** Sums over a session. */
export interface UsageRollup {
  readonly tokens: Filled<TokenUsage>;
  /**
   * Model calls that were made: each attempt, also one that failed or that a stop cut, and also where the provider did not say how
   * many tokens it took. One that was under way when its process died is not known.
   */
  readonly modelCalls: number;
  readonly toolStats: {
    /** Calls whose body was sent. */
    readonly totalCalls: number;
    /** Those that came to no result: the body failed, a stop cut it, or nobody knows what it did. */
    readonly failedCalls: number;
    readonly byTool: Readonly<Record<string, number>>;
  };
  /** By the name under which tools recorded: the sum of the numbers, each other entry counted as 1. */
  readonly custom: Readonly<Record<string, number>>;
}

/** Sums of a session that has used nothing. */
export const noUsage: UsageRollup = {
  tokens: { input: 0, output: 0, total: 0, cachedInput: 0, cacheWrite: 0, reasoning: 0 },
  modelCalls: 0,
  toolStats: { totalCalls: 0, failedCalls: 0, byTool: {} },
  custom: {},
};

/** Adds one entry to a rollup. */
export function addUsage(sum: UsageRollup, entry: UsageEntry): UsageRollup {
  if (entry.kind === 'tokens')
    return { ...sum, modelCalls: sum.modelCalls + 1, tokens: addTokens(sum.tokens, entry.tokens) };
  if (entry.kind === 'tool') return { ...sum, toolStats: addToolCall(sum.toolStats, entry.toolName, entry.ok) };
  return { ...sum, custom: { ...sum.custom, [entry.name]: countOf(sum.custom, entry.name) + amountOf(entry.data) } };
}

function addTokens(sum: Filled<TokenUsage>, more: TokenUsage): Filled<TokenUsage> {
  return {
    input: sum.input + more.input,
    output: sum.output + more.output,
    total: sum.total + more.total,
    cachedInput: sum.cachedInput + (more.cachedInput ?? 0),
    cacheWrite: sum.cacheWrite + (more.cacheWrite ?? 0),
    reasoning: sum.reasoning + (more.reasoning ?? 0),
  };
}

function addToolCall(stats: UsageRollup['toolStats'], toolName: string, ok: boolean): UsageRollup['toolStats'] {
  const byTool = { ...stats.byTool, [toolName]: countOf(stats.byTool, toolName) + 1 };
  return { totalCalls: stats.totalCalls + 1, failedCalls: stats.failedCalls + (ok ? 0 : 1), byTool };
}

/** What is a number is an amount, of money or pages; of anything else, that it was. */
function amountOf(data: Json): number {
  return typeof data === 'number' ? data : 1;
}

/** Names are of the user: `constructor` is one, and every object inherits it. */
function countOf(counts: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0;
}
