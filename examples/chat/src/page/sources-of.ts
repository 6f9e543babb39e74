import type { HelixUIMessage } from '@helix-agents/ai-sdk';

/** A page or document below a reply. */
export interface ShownSource {
  readonly title: string;
  /** Only what is safe to open: a source comes from elsewhere, as the words of a reply do. */
  readonly href?: string;
  /** Whose page it is, where the title may say otherwise. */
  readonly host?: string;
}

type Part = HelixUIMessage['parts'][number];
type SourcePart = Extract<Part, { readonly type: 'source-url' | 'source-document' }>;

/** Whether a part stands below the reply, and not in it. */
export function isSource(part: Part): part is SourcePart {
  return part.type === 'source-url' || part.type === 'source-document';
}

/** What a reply stands on, each once, where it was named first; by its title, if that was given at any time. */
export function sourcesOf(parts: readonly Part[]): ShownSource[] {
  const found = new Map<string, ShownSource>();
  for (const part of parts.filter(isSource)) {
    const key = part.type === 'source-url' ? part.url : `${part.title}\n${part.filename ?? ''}`;
    if (found.get(key)?.host === undefined) found.set(key, shown(part));
  }
  return [...found.values()];
}

function shown(part: SourcePart): ShownSource {
  if (part.type === 'source-document') return { title: part.title };
  const page = URL.canParse(part.url) ? new URL(part.url) : null;
  const title = part.title?.trim() || undefined;
  if (!page || !/^https?:$/.test(page.protocol)) return { title: title ?? part.url };
  const { href, host, pathname } = page;
  return title ? { title, href, host } : { title: `${host}${pathname === '/' ? '' : pathname}`, href };
}
