import { posix } from 'node:path';
import type { Room } from './rooms.ts';
import type { SourceFacts } from './source-facts.ts';

/** Imports of a source that lead to a floor above its own: one sentence each. */
export function climbs(folder: string, { path, imports }: SourceFacts, { floors = [] }: Room): string[] {
  const floorOf = (file: string) => floors.findIndex((floor) => file.startsWith(`${floor}/`));
  const from = floorOf(path);
  return imports.flatMap((specifier) => {
    if (!specifier.startsWith('.')) return [];
    const to = floorOf(posix.join(posix.dirname(path), specifier));
    return to !== -1 && to < from
      ? [`${folder}/${path} imports ${specifier}: ${floors[to]} is above ${floors[from]}`]
      : [];
  });
}
