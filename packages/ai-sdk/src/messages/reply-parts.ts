import { finishToolName, type MessageRecord, type ToolCallPart, type ToolOutcome } from '@helix-agents/core';
import type { HelixUIPart } from './helix-ui-message.ts';
import { pageData } from './page-data.ts';
import { sourceUIPart } from './source-ui-part.ts';
import { toolErrorText } from './tool-text.ts';

/** What the calls of a turn came to, by call id. */
export type Outcomes = ReadonlyMap<string, ToolOutcome>;

/** One step of a reply as the user sees it: what the live stream adds up to is the same, part by part. */
export function replyParts(record: MessageRecord, outcomes: Outcomes): HelixUIPart[] {
  const parts: HelixUIPart[] = [{ type: 'step-start' }];
  const outputs: HelixUIPart[] = [];
  let thoughts = 0;
  for (const part of record.parts) {
    if (part.type === 'text') addText(parts, part.text);
    else if (part.type === 'reasoning' && part.text !== '') parts.push(thought(record, (thoughts += 1), part.text));
    else if (part.type === 'file') parts.push({ type: 'file', mediaType: part.mediaType, url: part.url });
    else if (part.type === 'source') parts.push(sourceUIPart(part));
    else if (part.type === 'tool-call' && part.toolName === finishToolName) outputs.push(...output(part, outcomes));
    else if (part.type === 'tool-call') parts.push(toolPart(part, outcomes.get(part.toolCallId)));
  }
  return [...parts, ...outputs];
}

/** Id of the n-th thought of a step. */
export function thoughtId({ runId, step = 0 }: Pick<MessageRecord, 'runId' | 'step'>, n: number): string {
  return `${runId}.${step}.${n}`;
}

/** Neighbours are one, as they are in the live stream, which knows no borders inside a text. A source between them is none. */
function addText(parts: HelixUIPart[], text: string): void {
  if (text === '') return;
  const last = parts.findLast(({ type }) => !isSource(type));
  if (last?.type === 'text') last.text += text;
  else parts.push({ type: 'text', text, state: 'done' });
}

function isSource(type: HelixUIPart['type']): boolean {
  return type === 'source-url' || type === 'source-document';
}

function thought(record: MessageRecord, n: number, text: string): HelixUIPart {
  return { type: 'reasoning', id: thoughtId(record, n), text, state: 'done' };
}

function toolPart({ toolCallId, toolName, input }: ToolCallPart, outcome: ToolOutcome | undefined): HelixUIPart {
  const base = { type: `tool-${toolName}`, toolCallId, input: pageData(input) } as const;
  if (!outcome) return { ...base, state: 'input-available' };
  if (outcome.type === 'result') return { ...base, state: 'output-available', output: pageData(outcome.value) };
  return { ...base, state: 'output-error', errorText: toolErrorText(outcome) ?? '' };
}

/** The built-in finish is no tool to the user: what it gave is. */
function output({ toolCallId }: ToolCallPart, outcomes: Outcomes): HelixUIPart[] {
  const outcome = outcomes.get(toolCallId);
  return outcome?.type === 'result'
    ? [{ type: 'data-helix-output', id: toolCallId, data: pageData(outcome.value) }]
    : [];
}
