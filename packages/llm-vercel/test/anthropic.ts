import { createAnthropic } from '@ai-sdk/anthropic';
import { sse, type Answer } from './fake-provider.ts';
import {
  httpStatus,
  pieces,
  rightKey,
  type Protocol,
  type ScriptedBlock,
  type ScriptedError,
  type ScriptedReply,
  type ScriptedSource,
} from './protocol.ts';

const knownModel = 'claude-sonnet-5';

/** Anthropic messages, as streamed. */
export const anthropic: Protocol = {
  name: 'anthropic messages',
  knownModel,
  model: (baseURL, { apiKey = rightKey, modelId = knownModel } = {}) => createAnthropic({ baseURL, apiKey })(modelId),
  keyOf: ({ headers }) => headers['x-api-key'] as string | undefined,
  events: (reply, isWhole = true) =>
    [begin(reply), { type: 'ping' }, ...reply.blocks.flatMap(blockEvents), ...(isWhole ? ending(reply) : [])].map(
      (event) => sse(event, event.type),
    ),
  streamError: (kind) => sse(anthropicError(kind).body, 'error'),
  error: anthropicError,
};

interface AnthropicEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

function begin({ usage }: ScriptedReply): AnthropicEvent {
  const counted = { input_tokens: usage.input - usage.cached, cache_read_input_tokens: usage.cached, output_tokens: 1 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: `${knownModel}-2026`,
    content: [],
    usage: counted,
  };
  return { type: 'message_start', message };
}

function blockEvents(block: ScriptedBlock, index: number): AnthropicEvent[] {
  const [content_block, deltas] = contentOf(block);
  return [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function contentOf(block: ScriptedBlock): [start: object, deltas: object[]] {
  if ('thinking' in block) {
    const deltas = pieces(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking }));
    return [{ type: 'thinking', thinking: '' }, [...deltas, { type: 'signature_delta', signature: block.signature }]];
  }
  if ('text' in block) {
    const deltas = pieces(block.text).map((text) => ({ type: 'text_delta', text }));
    return [{ type: 'text', text: '' }, [...deltas, ...(block.cites ? [citation(block.cites)] : [])]];
  }
  const { id, name, arguments: json } = block.call;
  const deltas = pieces(json).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  return [{ type: 'tool_use', id, name, input: {} }, deltas];
}

function citation(source: ScriptedSource): object {
  const found = { type: 'web_search_result_location', cited_text: 'high water', encrypted_index: 'x' };
  return { type: 'citations_delta', citation: { ...found, ...source } };
}

function ending({ stop, usage }: ScriptedReply): AnthropicEvent[] {
  const stop_reason = { end: 'end_turn', calls: 'tool_use', length: 'max_tokens', refusal: 'refusal' }[stop];
  const counted = { output_tokens: usage.output, output_tokens_details: { thinking_tokens: usage.reasoning } };
  return [
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: counted },
    { type: 'message_stop' },
  ];
}

const bodies: Record<ScriptedError, { readonly type: string; readonly message: string }> = {
  'rate-limit': { type: 'rate_limit_error', message: 'This request would exceed your rate limit' },
  overloaded: { type: 'overloaded_error', message: 'Overloaded' },
  server: { type: 'api_error', message: 'Internal server error' },
  auth: { type: 'authentication_error', message: 'invalid x-api-key' },
  model: { type: 'not_found_error', message: 'model: nope' },
  context: { type: 'invalid_request_error', message: 'prompt is too long: 212000 tokens > 200000 maximum' },
  'bad-request': { type: 'invalid_request_error', message: 'temperature: must be at most 1' },
};

function anthropicError(kind: ScriptedError): Extract<Answer, { status: number }> {
  const status = kind === 'overloaded' ? 529 : httpStatus[kind];
  return { status, body: { type: 'error', error: bodies[kind] } };
}
