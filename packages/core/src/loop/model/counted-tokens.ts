import type { TokenUsage } from '../../session/usage.ts';

/** What a model said of its tokens, as the record can keep and sum it. */
export interface CountedTokens {
  readonly tokens: TokenUsage;
  /** Names of the figures that were none. */
  readonly unfit: readonly string[];
}

/**
 * An adapter is somebody else's program: what it gives that is no count of tokens was not said. In the record it would come back as
 * `null`, and in the sums as nonsense, which a budget reads.
 */
export function countedTokens(usage: unknown = nothing): CountedTokens {
  const given = typeof usage === 'object' && usage !== null ? (usage as Partial<Record<string, unknown>>) : {};
  const count = (name: keyof TokenUsage): number | undefined => (isCount(given[name]) ? given[name] : undefined);
  const optional = (name: 'cachedInput' | 'cacheWrite' | 'reasoning') => {
    const counted = count(name);
    return counted === undefined ? {} : { [name]: counted };
  };
  const [input, output] = [count('input') ?? 0, count('output') ?? 0];
  return {
    tokens: {
      input,
      output,
      total: count('total') ?? input + output,
      ...optional('cachedInput'),
      ...optional('cacheWrite'),
      ...optional('reasoning'),
    },
    unfit: names.filter((name) => count(name) === undefined && (given[name] !== undefined || isOwed(name))),
  };
}

const nothing: TokenUsage = { input: 0, output: 0, total: 0 };
const names = ['input', 'output', 'total', 'cachedInput', 'cacheWrite', 'reasoning'] as const;

function isOwed(name: keyof TokenUsage): boolean {
  return name in nothing;
}

/** More than this many could not be summed. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
