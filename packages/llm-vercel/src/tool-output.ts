import type { LanguageModelV4ToolResultOutput } from '@ai-sdk/provider';
import type { NotExecutedReason, ToolOutcome } from '@helix-agents/core';
import { isBlank } from './is-blank.ts';

/** What a call came to, in words and data that a model understands. */
export function toToolOutput(outcome: ToolOutcome): LanguageModelV4ToolResultOutput {
  if (outcome.type !== 'result') return { type: 'error-text', value: explain(outcome) };
  const { value } = outcome;
  return typeof value === 'string' && !isBlank(value) ? { type: 'text', value } : { type: 'json', value };
}

function explain(outcome: Exclude<ToolOutcome, { type: 'result' }>): string {
  if (outcome.type === 'error') return `Error (${outcome.error.code}): ${outcome.error.message}`;
  if (outcome.type === 'not-executed') return sentences(`Not executed: ${reasons[outcome.reason]}.`, outcome.note);
  return sentences('Outcome unknown: it may have happened. Check before you call again.', outcome.note);
}

const reasons: Record<NotExecutedReason, string> = {
  superseded_by_terminal_call: 'another call of the same reply ended the task',
  run_stopped: 'the run was stopped before this call began',
  client_tool_abandoned: 'the user went on without answering it',
  denied: 'a person denied it',
};

function sentences(first: string, note: string | undefined): string {
  return note ? `${first} ${note}` : first;
}
