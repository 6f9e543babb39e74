import type { LanguageModelV4FinishReason } from '@ai-sdk/provider';
import type { StopReason } from '@helix-agents/core';

/** Why a whole reply ended. A reply that was cut by an error or a lost connection has none. */
export function toStopReason({ unified, raw }: LanguageModelV4FinishReason, hasCalls: boolean): StopReason {
  switch (unified) {
    case 'length':
      return 'max_tokens';
    case 'content-filter':
      return isFilter(raw) ? 'content_filter' : 'refusal';
    case 'tool-calls':
      return 'tool_use';
    case 'stop':
      if (hasCalls) return 'tool_use';
      return raw === 'stop_sequence' ? 'stop_sequence' : 'end_turn';
    case 'other':
    case 'error':
    case 'interrupted':
  }
  return hasCalls ? 'tool_use' : 'other';
}

/** A filter names itself; a model that declines ends as if it had answered (`stop`, `refusal`, nothing). */
function isFilter(raw: string | undefined): boolean {
  return raw !== undefined && raw !== 'refusal' && raw !== 'stop';
}
