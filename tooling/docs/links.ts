import { posix } from 'node:path';

/** Links of a document to files that are not there. `exists` is asked for paths from the root of the repository. */
export function brokenLinks(document: string, markdown: string, exists: (path: string) => boolean): string[] {
  const prose = markdown.replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1\s*$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const targets = Array.from(prose.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g), ([, target = '']) => target);
  return targets
    .filter((target) => !exists(posix.join(posix.dirname(document), target)))
    .map((target) => `${document} links to ${target}, which is not there`);
}
