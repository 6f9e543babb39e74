import { isFinal, outcomeOf, type MessagePart, type MessageRecord, type SessionSnapshot } from '@helix-agents/core';
import type { TextUIPart, FileUIPart } from 'ai';
import { replyIdOf, type HelixUIMessage } from './helix-ui-message.ts';
import { replyParts, type Outcomes } from './reply-parts.ts';
import { wasCut, type TurnMark, type TurnMarks } from './turn-marks.ts';

/** What the ledger knows of the open step: in the transcript, results are only once all of its calls have theirs. */
export function openOutcomes({ step }: Pick<SessionSnapshot, 'step'>): Outcomes {
  const calls = step?.at === 'calls' ? step.calls : [];
  return new Map(calls.filter(({ state }) => isFinal(state)).map((call) => [call.callId, outcomeOf(call)]));
}

/**
 * The transcript as `useChat` keeps it. `records` begin with a turn. Context rows are for the model alone and are left out;
 * tool messages become the results of their calls. The reply of a turn that has no whole one carries its mark, also where
 * nothing was replied; where the turn did not complete it ends with the step that was lost, which says nothing, unless a stop cut
 * the last one and kept its text. So does that of a turn which waits, after owners were lost too often, and has no open calls.
 */
export function toUIMessages(
  records: readonly MessageRecord[],
  marks: TurnMarks = new Map(),
  open: Outcomes = new Map(),
): HelixUIMessage[] {
  return splitTurns(records).flatMap((turn) => {
    const mark = marks.get(turn[0]?.runId ?? '');
    return mark ? marked(turn, mark) : turnMessages(turn, open);
  });
}

function marked(turn: readonly MessageRecord[], { metadata, runId }: TurnMark): HelixUIMessage[] {
  const messages = turnMessages(turn, new Map());
  const [first] = messages;
  if (!first) return [];
  const asked = messages.filter(({ role }) => role !== 'assistant');
  const reply = messages.find(({ role }) => role === 'assistant');
  const hasLast = metadata?.helixStopReason !== undefined || wasCut(turn, runId);
  const lost = hasLast ? [] : [{ type: 'step-start' as const }];
  const parts = [...(reply?.parts ?? []), ...lost];
  return [...asked, { id: replyIdOf(first.id), role: 'assistant', parts, ...(metadata && { metadata }) }];
}

/** The records of each turn. */
export function splitTurns(records: readonly MessageRecord[]): MessageRecord[][] {
  const turns: MessageRecord[][] = [];
  for (const [index, record] of records.entries()) {
    if (index === 0 || startsTurn(record, records[index - 1])) turns.push([]);
    turns.at(-1)?.push(record);
  }
  return turns;
}

/** A message of the user begins a turn, unless it was said into a run that was under way. */
export function startsTurn(record: MessageRecord, previous: MessageRecord | undefined): boolean {
  return record.role === 'user' && previous?.runId !== record.runId;
}

/** The reply of a turn, as far as the record has it; null before its first step is done. */
export function replyOf(turn: readonly MessageRecord[], open: Outcomes): HelixUIMessage | null {
  return turnMessages(turn, open).find(({ role }) => role === 'assistant') ?? null;
}

function turnMessages(turn: readonly MessageRecord[], open: Outcomes): HelixUIMessage[] {
  const outcomes = new Map([...open, ...outcomesOf(turn)]);
  const messages: HelixUIMessage[] = [];
  let reply: HelixUIMessage | undefined;
  for (const record of turn) {
    if (record.role === 'user' && !reply) {
      messages.push({ id: record.id, role: 'user', parts: said(record.parts) });
    } else if (record.role === 'user') {
      reply?.parts.push({ type: 'steering-message', id: record.id, parts: said(record.parts) });
    } else if (record.role === 'assistant') {
      if (!reply) messages.push((reply = { id: replyIdOf(turn[0]?.id ?? record.id), role: 'assistant', parts: [] }));
      reply.parts.push(...replyParts(record, outcomes));
    }
  }
  return messages;
}

/** What the calls of a turn came to, as far as the record has it. */
export function outcomesOf(turn: readonly MessageRecord[]): Outcomes {
  const results = turn.flatMap(({ parts }) => parts).filter((part) => part.type === 'tool-result');
  return new Map(results.map(({ toolCallId, outcome }) => [toolCallId, outcome]));
}

function said(parts: readonly MessagePart[]): (TextUIPart | FileUIPart)[] {
  return parts.flatMap((part) => {
    if (part.type === 'text') return { type: 'text' as const, text: part.text };
    if (part.type !== 'file') return [];
    const { mediaType, url, filename } = part;
    return { type: 'file' as const, mediaType, url, ...(filename !== undefined && { filename }) };
  });
}
