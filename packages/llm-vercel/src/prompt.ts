import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ReasoningPart,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResultPart,
  SharedV4FileData,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type {
  FilePart,
  LLMGenerateInput,
  MessagePart,
  MessageRecord,
  ProviderMetadata,
  TextPart,
  ToolCallPart,
} from '@helix-agents/core';
import { isBlank } from './is-blank.ts';
import type { ModelTraits } from './model-traits.ts';
import { sentCallId } from './sent-call-id.ts';
import { toToolOutput } from './tool-output.ts';

/** What a conversion needs to know beside the records. */
export interface PromptTarget {
  readonly traits: Pick<ModelTraits, 'lateSystem' | 'callId' | 'emptyText' | 'repliesToResults'>;
  /** What of the files is to be had. */
  readonly files: ReadonlyMap<FilePart, SharedV4FileData>;
}

/** The transcript as a provider takes it. The same records always give the same prompt, so provider caches hold. */
export function toPrompt(
  { system, messages }: Pick<LLMGenerateInput, 'system' | 'messages'>,
  target: PromptTarget,
): LanguageModelV4Prompt {
  const prompt: LanguageModelV4Prompt = isBlank(system) ? [] : [{ role: 'system', content: system }];
  for (const record of messages) {
    const message = toMessage(record, target);
    if (message.content.length === 0 || joinTools(prompt.at(-1), message)) continue;
    if (target.traits.repliesToResults && isUnanswered(prompt.at(-1), message)) prompt.push(acknowledged);
    prompt.push(message);
  }
  return prompt;
}

/** Some providers want all results of a step in one message. */
function joinTools(last: LanguageModelV4Message | undefined, next: LanguageModelV4Message): boolean {
  if (last?.role !== 'tool' || next.role !== 'tool') return false;
  last.content.push(...next.content);
  return true;
}

function isUnanswered(last: LanguageModelV4Message | undefined, next: LanguageModelV4Message): boolean {
  return last?.role === 'tool' && next.role !== 'assistant';
}

const acknowledged: LanguageModelV4Message = { role: 'assistant', content: [{ type: 'text', text: 'Noted.' }] };

/** Without content for a record that says nothing: providers refuse empty messages. */
function toMessage({ role, parts }: MessageRecord, target: PromptTarget): LanguageModelV4Message {
  if (role === 'context') return toContext(parts, target);
  if (role === 'tool') return { role, content: parts.flatMap((part) => toResult(part, target)) };
  if (role === 'user') return { role, content: parts.flatMap((part) => toUserPart(part, target)) };
  return { role, content: withoutLooseThoughts(parts.flatMap((part) => toAssistantPart(part, target))) };
}

/** Providers refuse a thought that nothing follows, now and in each later turn: the reply was cut in it, or said nothing. */
function withoutLooseThoughts(parts: AssistantPart[]): AssistantPart[] {
  return parts.slice(0, parts.findLastIndex(({ type }) => type !== 'reasoning') + 1);
}

function toContext(parts: readonly MessagePart[], { traits }: PromptTarget): LanguageModelV4Message {
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  if (traits.lateSystem) return { role: 'system', content: text };
  return { role: 'user', content: text === '' ? [] : [{ type: 'text', text: `<context>\n${text}\n</context>` }] };
}

function toResult(part: MessagePart, { traits }: PromptTarget): LanguageModelV4ToolResultPart[] {
  if (part.type !== 'tool-result') return [];
  const { type, outcome } = part;
  const toolCallId = sentCallId(part.toolCallId, traits);
  return [{ type, toolCallId, toolName: sentName(part.toolName), output: toToolOutput(outcome) }];
}

type UserPart = LanguageModelV4TextPart | LanguageModelV4FilePart;
type AssistantPart = UserPart | LanguageModelV4ReasoningPart | LanguageModelV4ToolCallPart;

function toUserPart(part: MessagePart, { files }: PromptTarget): UserPart[] {
  if (part.type === 'text') return isBlank(part.text) ? [] : [{ type: 'text', text: part.text, ...optionsOf(part) }];
  if (part.type !== 'file') return [];
  const data = files.get(part);
  return [data ? toFilePart(part, data) : missingFile(part)];
}

/** The model knows that there was a file, so that it does not answer as if there were none. */
function missingFile({ filename, mediaType }: FilePart): LanguageModelV4TextPart {
  const name = filename === undefined ? 'A file' : `The file ${JSON.stringify(filename)}`;
  return { type: 'text', text: `[${name} (${mediaType}) stood here. It cannot be read.]` };
}

function toAssistantPart(part: MessagePart, target: PromptTarget): AssistantPart[] {
  if (part.type === 'reasoning') return [{ type: 'reasoning', text: part.text, ...optionsOf(part) }];
  if (part.type === 'tool-call') return [toCallPart(part, target)];
  if (part.type === 'text' && standsForMore(part, target))
    return [{ type: 'text', text: part.text, ...optionsOf(part) }];
  return toUserPart(part, target);
}

/** An empty text may carry what its own provider wants back; to any other it is an empty text. */
function standsForMore({ providerMetadata }: TextPart, { traits }: PromptTarget): boolean {
  return providerMetadata !== undefined && traits.emptyText.some((name) => name in providerMetadata);
}

function toCallPart(part: ToolCallPart, { traits }: PromptTarget): LanguageModelV4ToolCallPart {
  const { toolName, input } = part;
  // Arguments that were no object would be refused on the way back; their result says what was wrong with them.
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return {
    type: 'tool-call',
    toolCallId: sentCallId(part.toolCallId, traits),
    toolName: sentName(toolName),
    input: isObject ? input : {},
    ...optionsOf(part),
  };
}

/**
 * Names of tools are checked where they are defined, but a model may make one up (`functions.weather`): the provider itself refuses
 * it on the way back, now and in each later turn.
 */
function sentName(toolName: string): string {
  return toolName.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || '_';
}

function toFilePart(part: FilePart, data: SharedV4FileData): LanguageModelV4FilePart {
  const { type, mediaType, filename } = part;
  return { type, mediaType, data, ...(filename !== undefined && { filename }), ...optionsOf(part) };
}

function optionsOf(part: { readonly providerMetadata?: ProviderMetadata | undefined }): {
  providerOptions?: SharedV4ProviderOptions;
} {
  return part.providerMetadata ? { providerOptions: part.providerMetadata as SharedV4ProviderOptions } : {};
}
