import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, type EcmaScriptModule } from 'oxc-parser';
import { ambientNames } from './ambient-names.ts';

/** What one source file says about its surroundings. */
export interface SourceFacts {
  /** From the workspace's folder, with forward slashes. */
  path: string;
  /** What it imports and passes on, as it is named there. */
  imports: string[];
  /** `process.env`, `process.exit`, `console`, … as they occur. */
  ambient: string[];
}

const sources = '**/*.{ts,tsx,mts}';
const neverOurs = (name: string) => name === 'node_modules' || name === 'dist';

/** Reads every source of a workspace. */
export function readSources(folder: string): SourceFacts[] {
  return globSync(sources, { cwd: folder, exclude: neverOurs })
    .toSorted()
    .map((path) => sourceFacts(path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')));
}

export function sourceFacts(path: string, code: string): SourceFacts {
  const parsed = parseSync(path, code);
  const { module } = parsed;
  const imports = [...staticImports(module), ...dynamicImports(module, code)];
  return { path, imports, ambient: ambientNames(parsed) };
}

/** The package that a specifier names: `@helix-agents/core` of `@helix-agents/core/testing`. */
export function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function staticImports({ staticImports: imports, staticExports }: EcmaScriptModule): string[] {
  const passedOn = staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? []));
  return [...imports.map(({ moduleRequest }) => moduleRequest), ...passedOn].map(({ value }) => value);
}

/** Only a literal can be read; a computed specifier is not an import of a known workspace. */
function dynamicImports({ dynamicImports: imports }: EcmaScriptModule, code: string): string[] {
  return imports.flatMap(({ moduleRequest }) => {
    const literal = /^(['"`])(.*)\1$/s.exec(code.slice(moduleRequest.start, moduleRequest.end));
    return literal?.[2] ?? [];
  });
}
