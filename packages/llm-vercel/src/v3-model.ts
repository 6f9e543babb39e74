import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3File,
  LanguageModelV3StreamPart,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4File,
  LanguageModelV4Message,
  LanguageModelV4StreamPart,
  SharedV4FileData,
} from '@ai-sdk/provider';

/** A model of the specification before ours. Of what this adapter uses, the two differ only in how files are written. */
export function fromV3(model: LanguageModelV3): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: async (options) => {
      const result = await model.doGenerate(toV3(options));
      return { ...result, content: result.content.map((part) => (part.type === 'file' ? fileFromV3(part) : part)) };
    },
    doStream: async (options) => {
      const result = await model.doStream(toV3(options));
      return { ...result, stream: result.stream.pipeThrough(partsFromV3()) };
    },
  };
}

function toV3(options: LanguageModelV4CallOptions): LanguageModelV3CallOptions {
  return { ...options, prompt: options.prompt.map(messageToV3) } as LanguageModelV3CallOptions;
}

function messageToV3(message: LanguageModelV4Message): unknown {
  if (message.role === 'system' || message.role === 'tool') return message;
  const content = message.content.map((part) =>
    part.type === 'file' ? { ...part, data: fileDataToV3(part.data) } : part,
  );
  return { ...message, content };
}

function fileDataToV3(data: SharedV4FileData): unknown {
  if (data.type === 'data') return data.data;
  return data.type === 'url' ? data.url : data;
}

function fileFromV3(part: LanguageModelV3File): LanguageModelV4File {
  return { ...part, data: { type: 'data', data: part.data } };
}

function partsFromV3(): TransformStream<LanguageModelV3StreamPart, LanguageModelV4StreamPart> {
  return new TransformStream({
    transform(part, controller) {
      controller.enqueue(part.type === 'file' ? fileFromV3(part) : part);
    },
  });
}
