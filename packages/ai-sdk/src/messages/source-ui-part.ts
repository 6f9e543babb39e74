import type { SourcePart } from '@helix-agents/core';
import type { SourceDocumentUIPart, SourceUrlUIPart } from 'ai';

/** What a reply stands on, as `useChat` keeps it; the chunk that tells it looks the same. */
export function sourceUIPart(source: SourcePart): SourceUrlUIPart | SourceDocumentUIPart {
  const { sourceId } = source;
  if (source.sourceType === 'url') {
    const { url, title } = source;
    return { type: 'source-url', sourceId, url, ...(title !== undefined && { title }) };
  }
  const { mediaType, title, filename } = source;
  return { type: 'source-document', sourceId, mediaType, title, ...(filename !== undefined && { filename }) };
}
