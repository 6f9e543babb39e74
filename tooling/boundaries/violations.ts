import { posix } from 'node:path';
import { climbs } from './floors.ts';
import type { AmbientRule, Room } from './rooms.ts';
import { packageName, type SourceFacts } from './source-facts.ts';
import type { WorkspaceFacts } from './workspace-facts.ts';

export interface Rules {
  rooms: Record<string, Room>;
  ambientRules: readonly AmbientRule[];
}

/** One sentence for each place where the workspaces break the rules; none means that they hold. */
export function violations(workspaces: WorkspaceFacts[], { rooms, ambientRules }: Rules): string[] {
  const folders = new Map(workspaces.map(({ name, folder }) => [name, folder]));
  return [
    ...cycles(workspaces),
    ...rowsWithoutPackage(workspaces, rooms),
    ...workspaces.flatMap((workspace) => {
      const room = rooms[workspace.folder];
      return [
        ...(room ? dependenciesOutside(workspace, room) : missingRow(workspace)),
        ...referencesThatDiffer(workspace),
        ...(room?.neutral ? ambientTypes(workspace) : []),
        ...workspace.sources.flatMap((source) => [
          ...importsOutside(workspace, source, room, folders),
          ...ambientUse(workspace, source, ambientRules),
          ...(room && !testCode.test(source.path) ? climbs(workspace.folder, source, room) : []),
        ]),
      ];
    }),
  ];
}

/** The table governs what is published; examples and tests may use any public entry. */
const governed = /^packages\//;
const testCode = /\.(test|bench)\.tsx?$|^(test|bench)\/|\.config\.ts$/;

function missingRow({ folder }: WorkspaceFacts): string[] {
  return governed.test(folder) ? [`${folder} has no row in tooling/boundaries/rooms.ts`] : [];
}

function rowsWithoutPackage(workspaces: WorkspaceFacts[], rooms: Rules['rooms']): string[] {
  const absent = Object.keys(rooms).filter((row) => workspaces.every(({ folder }) => folder !== row));
  return absent.map((row) => `${row} has a row in tooling/boundaries/rooms.ts and is not there`);
}

function dependenciesOutside({ folder, dependencies }: WorkspaceFacts, room: Room): string[] {
  return dependencies
    .filter((dependency) => !room.imports.includes(dependency))
    .map((dependency) => `${folder} may not depend on ${dependency}`);
}

function referencesThatDiffer({ folder, dependencies, references }: WorkspaceFacts): string[] {
  if (!references) return [];
  const lacking = dependencies.filter((dependency) => !references.includes(dependency));
  const surplus = references.filter((reference) => !dependencies.includes(reference));
  return [
    ...lacking.map((dependency) => `${folder}/tsconfig.json does not reference ${dependency}, a dependency`),
    ...surplus.map((reference) => `${folder}/tsconfig.json references ${reference}, which is no dependency`),
  ];
}

function ambientTypes({ folder, types }: WorkspaceFacts): string[] {
  return types.map((name) => `${folder} runs on any platform and may not compile with the types of ${name}`);
}

function importsOutside(
  workspace: WorkspaceFacts,
  source: SourceFacts,
  room: Room | undefined,
  folders: ReadonlyMap<string, string>,
): string[] {
  const at = posix.join(workspace.folder, source.path);
  return source.imports.flatMap((specifier) => {
    if (specifier.startsWith('.'))
      return leavesWorkspace(source, specifier) ? [`${at} reaches out of its workspace: ${specifier}`] : [];
    const target = folders.get(packageName(specifier));
    if (!target || target === workspace.folder) return [];
    const isTest = testCode.test(source.path);
    const declared = [...workspace.dependencies, ...(isTest ? workspace.devDependencies : [])];
    if (!declared.includes(target)) return [`${at} imports ${target}, which its manifest does not declare`];
    return isTest || !room || room.imports.includes(target) ? [] : [`${at} may not import ${target}`];
  });
}

function leavesWorkspace({ path }: SourceFacts, specifier: string): boolean {
  return posix.join(posix.dirname(path), specifier).startsWith('..');
}

function ambientUse({ folder }: WorkspaceFacts, source: SourceFacts, rules: readonly AmbientRule[]): string[] {
  const at = posix.join(folder, source.path);
  if (testCode.test(source.path)) return [];
  return rules
    .filter(({ within, except }) => within.test(at) && !except.test(at))
    .flatMap(({ forbids, reason }) =>
      source.ambient.filter((name) => forbids.includes(name)).map((name) => `${at} uses ${name}: ${reason}`),
    );
}

/** Follows dependencies depth first; each cycle is named once, from the workspace where it was met. */
function cycles(workspaces: WorkspaceFacts[]): string[] {
  const dependencies = new Map(workspaces.map((workspace) => [workspace.folder, workspace.dependencies]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (folder: string, path: string[]): void => {
    if (path.includes(folder)) {
      found.push(`cycle: ${[...path.slice(path.indexOf(folder)), folder].join(' → ')}`);
      return;
    }
    if (done.has(folder)) return;
    for (const next of dependencies.get(folder) ?? []) visit(next, [...path, folder]);
    done.add(folder);
  };
  for (const { folder } of workspaces) visit(folder, []);
  return found;
}
