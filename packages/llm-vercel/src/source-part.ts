import type { LanguageModelV4Source } from '@ai-sdk/provider';
import type { ProviderMetadata, SourcePart } from '@helix-agents/core';

/** A source of a model as the record keeps it. Providers send `null` for a title that they do not know. */
export function toSourcePart(source: LanguageModelV4Source): SourcePart {
  const { type, id: sourceId, providerMetadata } = source;
  const base = { type, sourceId, ...(providerMetadata && { providerMetadata: providerMetadata as ProviderMetadata }) };
  if (source.sourceType === 'url') {
    const { sourceType, url, title } = source;
    return { ...base, sourceType, url, ...(isNamed(title) && { title }) };
  }
  const { sourceType, mediaType, title, filename } = source;
  const named = isNamed(filename) ? { filename } : {};
  return { ...base, sourceType, mediaType, title: isNamed(title) ? title : (named.filename ?? sourceId), ...named };
}

/** What a source is, whoever names it and however often. */
export function targetOf(source: SourcePart): string {
  return source.sourceType === 'url' ? `url ${source.url}` : `document ${source.title}`;
}

function isNamed(name: string | null | undefined): name is string {
  return typeof name === 'string' && name !== '';
}
