import type { UIMessageChunk } from 'ai';
import type { HelixUIPart } from '../messages/helix-ui-message.ts';

/** The chunks from which a client makes this part: how a reply that is in the record is streamed. */
export function partChunks(part: HelixUIPart, index: number): UIMessageChunk[] {
  switch (part.type) {
    case 'step-start':
      return [{ type: 'start-step' }];
    case 'text':
      return spoken('text', `record-${index}`, part.text);
    case 'reasoning':
      return spoken('reasoning', part.id ?? `record-${index}`, part.text);
    case 'file':
      return [{ type: 'file', mediaType: part.mediaType, url: part.url }];
    case 'source-url':
    case 'source-document':
      return [part];
    case 'steering-message':
      return [{ type: 'steering-message', id: part.id, parts: [...part.parts] }];
    case 'data-helix-output':
      return [{ type: part.type, ...(part.id !== undefined && { id: part.id }), data: part.data }];
    default:
      return 'toolCallId' in part ? toolChunks(part) : [];
  }
}

function spoken(type: 'text' | 'reasoning', id: string, text: string): UIMessageChunk[] {
  return [
    { type: `${type}-start`, id },
    { type: `${type}-delta`, id, delta: text },
    { type: `${type}-end`, id },
  ];
}

function toolChunks(part: Extract<HelixUIPart, { toolCallId: string }>): UIMessageChunk[] {
  const { toolCallId, input } = part;
  const toolName = part.type.slice('tool-'.length);
  const call: UIMessageChunk = { type: 'tool-input-available', toolCallId, toolName, input };
  if (part.state === 'output-available')
    return [call, { type: 'tool-output-available', toolCallId, output: part.output }];
  if (part.state === 'output-error')
    return [call, { type: 'tool-output-error', toolCallId, errorText: part.errorText }];
  return [call];
}
