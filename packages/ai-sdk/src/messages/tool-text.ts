import { userMessageFor, type ToolOutcome } from '@helix-agents/core';

/** What a call that gave no result shows to the user; null for one that did. The model reads the details, users do not. */
export function toolErrorText(outcome: ToolOutcome): string | null {
  switch (outcome.type) {
    case 'result':
      return null;
    case 'error':
      return userMessageFor(outcome.error.code);
    case 'unknown':
      return userMessageFor('tool_outcome_unknown');
    case 'not-executed':
      return notExecuted[outcome.reason];
  }
}

const notExecuted = {
  superseded_by_terminal_call: 'Not needed any more.',
  run_stopped: 'Stopped before it ran.',
  client_tool_abandoned: 'Nobody answered.',
  denied: 'Denied.',
};
