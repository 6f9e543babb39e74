import type { LanguageModelV4, LanguageModelV4StreamPart, LanguageModelV4ToolCall } from '@ai-sdk/provider';
import { query, thought } from './texts.ts';

const usage = {
  inputTokens: { total: 1200, noCache: 1200, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 90, text: 90, reasoning: 0 },
};
const finishReason = { unified: 'tool-calls', raw: 'tool_use' } as const;

/** A provider's model that answers at once: some deltas of text, then a tool call. The AI SDK and our adapter ask the same one. */
export function instantProvider(deltas = 1): LanguageModelV4 {
  let calls = 0;
  const toolCall = (): LanguageModelV4ToolCall => {
    calls += 1;
    return {
      type: 'tool-call',
      toolCallId: `call_${calls}`,
      toolName: 'look_up',
      input: JSON.stringify({ query, limit: 3 }),
    };
  };
  const parts = partsOf(deltas);
  return {
    specificationVersion: 'v4',
    provider: 'instant',
    modelId: 'instant-1',
    supportedUrls: {},
    doGenerate: async () => ({
      content: [{ type: 'text', text: thought }, toolCall()],
      finishReason,
      usage,
      warnings: [],
    }),
    doStream: async () => ({ stream: streamOf([...parts, toolCall(), { type: 'finish', finishReason, usage }]) }),
  };
}

function partsOf(deltas: number): LanguageModelV4StreamPart[] {
  const length = Math.ceil(thought.length / deltas);
  const texts = Array.from({ length: deltas }, (_, index) => thought.slice(index * length, (index + 1) * length));
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: 'text' },
    ...texts.map((delta) => ({ type: 'text-delta', id: 'text', delta }) as const),
    { type: 'text-end', id: 'text' },
  ];
}

function streamOf(parts: readonly LanguageModelV4StreamPart[]): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}
