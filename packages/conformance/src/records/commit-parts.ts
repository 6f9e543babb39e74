import type { CallRecord, CallState, Json, NewMessage, SessionCommit, WaitRecord } from '@helix-agents/core';

/** What a test says of a commit; who writes it and where it stands is the {@link SessionWriter}'s business. */
export type CommitParts = Omit<SessionCommit, 'v' | 'token' | 'fence' | 'at'>;

export function userMessage(id: string, runId: string, text = `hello from ${id}`): NewMessage {
  return { v: 1, id, role: 'user', parts: [{ type: 'text', text }], runId, createdAt: 1 };
}

export function callRecord(callId: string, state: CallState = { at: 'planned' }): CallRecord {
  const attempts = state.at === 'sent' ? state.attempt : 0;
  const input = { query: callId };
  const gate = { at: 'open' } as const;
  return {
    v: 1,
    callId,
    toolName: 'search',
    kind: 'tool',
    input,
    gate,
    replay: 'never',
    sequential: false,
    attempts,
    state,
  };
}

/** A model's reply with its calls; without calls it closes its step. */
export function replyParts(
  runId: string,
  step: number,
  calls: readonly CallRecord[] = [],
  text = `step ${step}`,
): CommitParts {
  return {
    head: { streamSequence: step, step: { op: 'reply', step, mode: 'normal', attempt: 1, calls } },
    messages: [replyMessage(runId, step, calls, text)],
    usage: [tokensUsed(runId, step)],
  };
}

/** The barrier of a step: every call settled, its result in the transcript. */
export function closeParts(
  runId: string,
  step: number,
  callIds: readonly string[],
  value: Json = { ok: true },
): CommitParts {
  const results = callIds.map((toolCallId) => {
    const outcome = { type: 'result', value } as const;
    return { type: 'tool-result', toolCallId, toolName: 'search', outcome } as const;
  });
  return {
    calls: callIds.map((callId) => ({ callId, state: { at: 'settled', result: value } })),
    head: { step: { op: 'close', verdict: { is: 'continue' } } },
    messages: [{ v: 1, id: `results-${runId}-${step}`, role: 'tool', parts: results, runId, step, createdAt: step }],
  };
}

export function parkParts(waits: readonly WaitRecord[] = []): CommitParts {
  return {
    run: { op: 'park', on: waits.map(({ waitId }) => waitId) },
    waits: waits.map((wait) => ({ op: 'open', wait })),
  };
}

export function endParts(endedAt = 1): CommitParts {
  return { run: { op: 'end', outcome: 'completed', reason: 'reply', endedAt } };
}

export function waitRecord(waitId: string, runId: string, deadline?: number): WaitRecord {
  return { v: 1, waitId, kind: 'input', generation: 0, runId, ...(deadline !== undefined && { deadline }) };
}

function replyMessage(runId: string, step: number, calls: readonly CallRecord[], text: string): NewMessage {
  const asked = calls.map(({ callId: toolCallId, toolName, input }) => {
    return { type: 'tool-call', toolCallId, toolName, input } as const;
  });
  const parts = [{ type: 'text', text } as const, ...asked];
  return { v: 1, id: `reply-${runId}-${step}`, role: 'assistant', parts, runId, step, createdAt: step };
}

function tokensUsed(runId: string, step: number) {
  const tokens = { input: 100 + step, output: 10, total: 110 + step };
  return { v: 1, kind: 'tokens', runId, step, attempt: 1, tokens, durationMs: 5, at: step } as const;
}
