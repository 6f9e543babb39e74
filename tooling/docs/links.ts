import { posix } from 'node:path';
import { anchorsOf } from './anchors.ts';

/**
 * Links of a document to files that are not there, or to headings that they do not have. `read` is asked for paths from the root of
 * the repository: null where there is nothing, the text of a document, anything else for other files.
 */
export function brokenLinks(document: string, markdown: string, read: (path: string) => string | null): string[] {
  const prose = withoutCode(markdown).replaceAll(/`[^`\n]*`/g, '');
  const links = Array.from(prose.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g));
  return links.flatMap(([, target = '', anchor]) => {
    const path = target === '' ? document : posix.join(posix.dirname(document), target);
    const text = target === '' ? markdown : read(path);
    if (text === null) return [`${document} links to ${target}, which is not there`];
    if (anchor === undefined || !path.endsWith('.md') || anchorsOf(headingsOf(text)).includes(anchor)) return [];
    return [`${document} links to ${target}#${anchor}, which has no such heading`];
  });
}

function headingsOf(markdown: string): string[] {
  return Array.from(withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm), ([, heading = '']) => heading);
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1\s*$/gm, '');
}
