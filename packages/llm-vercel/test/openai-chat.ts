import { createOpenAI } from '@ai-sdk/openai';
import { sse } from './fake-provider.ts';
import { openaiError } from './openai-errors.ts';
import { pieces, rightKey, type Protocol, type ScriptedBlock, type ScriptedReply } from './protocol.ts';

const knownModel = 'gpt-4o-mini';

/** OpenAI chat completions, as streamed. */
export const openaiChat: Protocol = {
  name: 'openai chat completions',
  knownModel,
  model: (baseURL, { apiKey = rightKey, modelId = knownModel } = {}) => createOpenAI({ baseURL, apiKey }).chat(modelId),
  keyOf: ({ headers }) => headers.authorization?.replace('Bearer ', ''),
  events: (reply, isWhole = true) => [
    ...replyChunks(reply).map((choice) => chunk({ choices: [{ index: 0, finish_reason: null, ...choice }] })),
    ...(isWhole ? ending(reply) : []),
  ],
  streamError: (kind) => sse(openaiError(kind).body),
  error: openaiError,
};

const chunk = (fields: object) =>
  sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: `${knownModel}-2024`, ...fields });

function replyChunks({ blocks, stop }: ScriptedReply): object[] {
  const calls = blocks.filter((block) => 'call' in block);
  return [
    { delta: { role: 'assistant', content: '' } },
    ...blocks.flatMap((block) => ('text' in block ? textDeltas(block, stop) : [])),
    ...calls.flatMap(callDeltas),
  ];
}

function textDeltas({ text, cites }: Extract<ScriptedBlock, { text: unknown }>, stop: ScriptedReply['stop']): object[] {
  const said = pieces(text).map((piece) => ({ delta: { [stop === 'refusal' ? 'refusal' : 'content']: piece } }));
  const annotation = { type: 'url_citation', url_citation: { start_index: 0, end_index: text.length, ...cites } };
  return cites ? [...said, { delta: { annotations: [annotation] } }] : said;
}

function callDeltas({ call }: Extract<ScriptedBlock, { call: unknown }>, index: number): object[] {
  const start = { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } };
  const rest = pieces(call.arguments).map((text) => ({ index, function: { arguments: text } }));
  return [start, ...rest].map((delta) => ({ delta: { tool_calls: [delta] } }));
}

function ending({ stop, usage }: ScriptedReply): string[] {
  const finish_reason = { end: 'stop', calls: 'tool_calls', length: 'length', refusal: 'stop' }[stop];
  const counted = {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
  return [
    chunk({ choices: [{ index: 0, delta: {}, finish_reason }] }),
    chunk({ choices: [], usage: counted }),
    sse('[DONE]'),
  ];
}
