import type { ChunkBody } from '../session/chunk.ts';

/** Characters of what a chunk carries, about; what surrounds it in its JSON counts only where that may be most of it. */
export function sizeOf(body: ChunkBody): number {
  switch (body.type) {
    case 'text_delta':
    case 'tool_input_delta':
      return body.delta.length;
    case 'thinking':
      return body.content.length;
    case 'file':
      return body.url.length;
    case 'source':
      return surrounding + charactersOf(body.source);
    case 'tool_start':
      return surrounding + charactersOf(body.arguments);
    case 'tool_end':
      return surrounding + charactersOf(body.outcome);
    case 'state_patch':
      return surrounding + charactersOf(body.operations);
    case 'custom':
      return surrounding + charactersOf(body.data);
    case 'output':
      return surrounding + charactersOf(body.output);
    default:
      return surrounding;
  }
}

const surrounding = 256;

/** At least as many characters as the JSON of data has before its escapes. */
export function charactersOf(data: unknown): number {
  if (typeof data === 'string') return data.length + 3;
  if (typeof data !== 'object' || data === null) return 26;
  let sum = 2;
  if (Array.isArray(data)) for (const item of data) sum += charactersOf(item);
  else for (const name in data) sum += name.length + 4 + charactersOf((data as never)[name]);
  return sum;
}
