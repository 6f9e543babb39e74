import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';

/** A model in this process: streams what it is given, and keeps what it was asked. */
export interface MockModel extends LanguageModelV4 {
  readonly asked: LanguageModelV4CallOptions[];
}

export function mockModel(
  parts: readonly LanguageModelV4StreamPart[],
  fields: Partial<LanguageModelV4> = {},
): MockModel {
  const asked: LanguageModelV4CallOptions[] = [];
  return {
    specificationVersion: 'v4',
    provider: 'mock',
    modelId: 'mock-1',
    supportedUrls: {},
    asked,
    doGenerate: () => Promise.reject(new Error('not scripted')),
    doStream: (options) => {
      asked.push(options);
      return Promise.resolve({ stream: streamOf(parts) });
    },
    ...fields,
  };
}

export const noTokens: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

export const finish: LanguageModelV4StreamPart = {
  type: 'finish',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: noTokens,
};

/** A stream that stays open behind its last part unless that is a `finish`. */
export function streamOf(parts: readonly LanguageModelV4StreamPart[]): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      if (parts.at(-1)?.type === 'finish') controller.close();
    },
  });
}
