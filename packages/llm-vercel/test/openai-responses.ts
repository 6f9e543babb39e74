import { createOpenAI } from '@ai-sdk/openai';
import { sse } from './fake-provider.ts';
import { openaiError } from './openai-errors.ts';
import { pieces, rightKey, type Protocol, type ScriptedBlock, type ScriptedReply } from './protocol.ts';

const knownModel = 'gpt-5-mini';

/** OpenAI responses, as streamed. */
export const openaiResponses: Protocol = {
  name: 'openai responses',
  knownModel,
  model: (baseURL, { apiKey = rightKey, modelId = knownModel } = {}) =>
    createOpenAI({ baseURL, apiKey }).responses(modelId),
  keyOf: ({ headers }) => headers.authorization?.replace('Bearer ', ''),
  events: (reply, isWhole = true) => {
    const events = [
      { type: 'response.created', response: header },
      { type: 'response.in_progress', response: header },
      ...reply.blocks.flatMap((block, index) => itemEvents(block, index, reply.stop)),
    ];
    return [...events, ...(isWhole ? [ending(reply)] : [])].map((event) => sse(event, event.type));
  },
  streamError: (kind) => sse({ type: 'error', sequence_number: 9, ...(openaiError(kind).body as object) }, 'error'),
  error: openaiError,
};

const header = { id: 'resp_1', created_at: 1, model: `${knownModel}-2025` };

interface ResponseEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

function itemEvents(block: ScriptedBlock, index: number, stop: ScriptedReply['stop']): ResponseEvent[] {
  if ('thinking' in block) return reasoningEvents(block.thinking, block.signature, index);
  return 'text' in block ? messageEvents(block, index, stop) : callEvents(block.call, index);
}

function wrap(item: object, done: object, index: number, inside: ResponseEvent[]): ResponseEvent[] {
  const base = { output_index: index };
  return [
    { ...base, type: 'response.output_item.added', item },
    ...inside.map((event) => ({ ...base, ...event })),
    { ...base, type: 'response.output_item.done', item: { ...item, ...done } },
  ];
}

function reasoningEvents(text: string, encrypted_content: string, index: number): ResponseEvent[] {
  const item = { type: 'reasoning', id: `rs_${index}`, summary: [] };
  const place = { item_id: item.id, summary_index: 0 };
  const deltas = pieces(text).map((delta) => ({ ...place, type: 'response.reasoning_summary_text.delta', delta }));
  return wrap(item, { encrypted_content, summary: [{ type: 'summary_text', text }] }, index, [
    { ...place, type: 'response.reasoning_summary_part.added' },
    ...deltas,
    { ...place, type: 'response.reasoning_summary_part.done' },
  ]);
}

type TextBlock = Extract<ScriptedBlock, { readonly text: string }>;

function messageEvents({ text, cites }: TextBlock, index: number, stop: ScriptedReply['stop']): ResponseEvent[] {
  const item = { type: 'message', id: `msg_${index}`, role: 'assistant' };
  const type = stop === 'refusal' ? 'response.refusal.delta' : 'response.output_text.delta';
  const place = { item_id: item.id, content_index: 0 };
  const annotation = cites && { type: 'url_citation', start_index: 0, end_index: text.length, ...cites };
  const added = { ...place, type: 'response.output_text.annotation.added', annotation_index: 0, annotation };
  return wrap(item, { content: [] }, index, [
    ...pieces(text).map((delta) => ({ ...place, type, delta })),
    ...(cites ? [added] : []),
  ]);
}

function callEvents(call: { id: string; name: string; arguments: string }, index: number): ResponseEvent[] {
  const item = { type: 'function_call', id: `fc_${index}`, call_id: call.id, name: call.name, arguments: '' };
  const deltas = pieces(call.arguments).map((delta) => ({
    type: 'response.function_call_arguments.delta',
    item_id: item.id,
    delta,
  }));
  return wrap(item, { arguments: call.arguments, status: 'completed' }, index, deltas);
}

function ending({ stop, usage }: ScriptedReply): ResponseEvent {
  const counted = {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
  const cut = stop === 'length';
  return {
    type: cut ? 'response.incomplete' : 'response.completed',
    response: { ...header, usage: counted, incomplete_details: cut ? { reason: 'max_output_tokens' } : null },
  };
}
