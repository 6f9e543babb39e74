import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import {
  HelixError,
  type Json,
  type MessagePart,
  type ProviderMetadata,
  type StepResult,
  type ThinkingContent,
  type ToolCallRequest,
} from '@helix-agents/core';
import { readArguments } from './call-arguments.ts';
import type { CallBlock } from './call-blocks.ts';
import type { Block, Reply, TextBlock } from './reply.ts';
import { toStopReason } from './stop-reason.ts';
import { toTokenUsage } from './token-usage.ts';

/**
 * What a reply came to.
 *
 * @throws HelixError `provider_error` for a reply that did not come to its end
 */
export function toStepResult(reply: Reply): StepResult {
  const { blocks, modelId } = reply;
  const finish = wholeFinish(reply);
  if (!finish) {
    const { raw = 'no finish' } = reply.finish?.finishReason ?? {};
    throw new HelixError('provider_error', `the reply broke off before its end (${raw})`);
  }
  const cutCall = wasCut(finish) ? blocks.findLast(({ type }) => type === 'call') : undefined;
  const said = blocks.map((block) => (block.type === 'call' ? toCall(block, block === cutCall) : block));
  const calls = said.flatMap((one) => (one && !('type' in one) ? one : []));
  const usage = toTokenUsage(finish.usage);
  const thinking = thinkingOf(blocks);
  const facts = {
    parts: said.flatMap((one) => (one ? toPart(one) : [])),
    stopReason: toStopReason(finish.finishReason, calls.length > 0),
    ...(thinking && { thinking }),
    ...(usage && { usage }),
    ...(modelId !== undefined && { model: modelId }),
  };
  const content = textOf(blocks);
  if (calls.length === 0) return { type: 'text', content, ...facts };
  return { type: 'tool_calls', toolCalls: calls, ...(content && { content }), ...facts };
}

/** How a reply ended that came to its end; undefined for one that broke off. */
function wholeFinish({ finish }: Reply): Reply['finish'] {
  const { unified, raw } = finish?.finishReason ?? {};
  return unified === 'interrupted' || unified === 'error' || raw === 'error' ? undefined : finish;
}

/** Providers' packages end a call that their stream did not: what is in it need not be all of it. */
function wasCut({ finishReason: { unified } }: NonNullable<Reply['finish']>): boolean {
  return unified === 'length' || unified === 'content-filter';
}

/** Undefined where the reply ended before the call did. */
function toCall({ id, name, input, metadata }: CallBlock, isCut: boolean): ToolCallRequest | undefined {
  if (input === undefined) return undefined;
  const read = readArguments(input, isCut);
  const request = { id, name, ...metadataOf(metadata) };
  if ('malformed' in read) return { ...request, arguments: input, malformed: read.malformed };
  return { ...request, arguments: read.value };
}

function toPart(block: Exclude<Block, CallBlock> | ToolCallRequest): MessagePart[] {
  if (!('type' in block)) return [callPart(block)];
  if (block.type === 'file' || block.type === 'source') return [block];
  if (block.text === '' && !block.metadata) return [];
  return [{ type: block.type, text: block.text, ...metadataOf(block.metadata) }];
}

function callPart({ id, name, arguments: input, malformed, ...metadata }: ToolCallRequest): MessagePart {
  const read = malformed === undefined ? (input as Json) : {};
  return { type: 'tool-call', toolCallId: id, toolName: name, input: read, ...metadata };
}

function thinkingOf(blocks: readonly Block[]): ThinkingContent | undefined {
  const reasonings = blocks.filter((block): block is TextBlock => block.type === 'reasoning');
  if (reasonings.length === 0) return undefined;
  const metadata = reasonings.findLast((block) => block.metadata)?.metadata;
  return { content: reasonings.map(({ text }) => text).join(''), ...metadataOf(metadata) };
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function metadataOf(metadata: SharedV4ProviderMetadata | undefined): { providerMetadata?: ProviderMetadata } {
  return metadata ? { providerMetadata: metadata as ProviderMetadata } : {};
}
