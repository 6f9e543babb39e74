// Would catch: a reply that was cut or refused and counts as whole, a call that nobody carries out.
import type { LanguageModelV4FinishReason } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { toStopReason } from './stop-reason.ts';

test.each<[LanguageModelV4FinishReason['unified'], string | undefined, reply: string, withCalls: string]>([
  ['stop', 'end_turn', 'end_turn', 'tool_use'],
  ['stop', 'stop', 'end_turn', 'tool_use'],
  ['stop', 'stop_sequence', 'stop_sequence', 'tool_use'],
  ['length', 'max_tokens', 'max_tokens', 'max_tokens'],
  ['tool-calls', 'tool_use', 'tool_use', 'tool_use'],
  ['content-filter', 'content_filter', 'content_filter', 'content_filter'],
  ['content-filter', 'SAFETY', 'content_filter', 'content_filter'],
  ['content-filter', 'refusal', 'refusal', 'refusal'],
  ['content-filter', 'stop', 'refusal', 'refusal'],
  ['content-filter', undefined, 'refusal', 'refusal'],
  ['other', 'unheard_of', 'other', 'tool_use'],
])('a reply that ended by %s (%s) ended by %s, and with calls by %s', (unified, raw, reply, withCalls) => {
  expect(toStopReason({ unified, raw }, false)).toBe(reply);
  expect(toStopReason({ unified, raw }, true)).toBe(withCalls);
});
