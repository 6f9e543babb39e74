import { parseSync, type Statement } from 'oxc-parser';

/** What a declaration file says about one name. */
export interface Declaration {
  name: string;
  /** As users see it: without what is private, and without a body. Overloads stand one below the other. */
  signature: string;
  /** Its doc comment as Markdown; empty where it has none. */
  doc: string;
}

/** An exported name, and where it comes from. */
export interface ExportedName {
  /** `*` for every name of the module. */
  name: string;
  /** The module that it is taken from; null where it is declared here. */
  from: string | null;
  /** What it is called there. */
  originalName: string;
}

/** The names that a declaration file exports, in order. */
export function exportedNames(path: string, code: string): ExportedName[] {
  const { module } = parseSync(path, code);
  return module.staticExports.flatMap(({ entries }) =>
    entries.map(({ moduleRequest, importName, exportName, localName }) => ({
      name: exportName.name ?? '*',
      from: moduleRequest?.value ?? null,
      originalName: importName.name ?? localName.name ?? exportName.name ?? '*',
    })),
  );
}

/** Every declaration at the top of a declaration file, by name; with a shape that it names and the file keeps to itself. */
export function declarations(path: string, code: string): Map<string, Declaration> {
  const { program, comments } = parseSync(path, code);
  const found = new Map<string, Declaration>();
  const own = new Set<string>();
  for (const statement of program.body) {
    const exported = statement.type === 'ExportNamedDeclaration';
    const declared = exported ? statement.declaration : statement;
    const name = declared && nameOf(declared);
    if (!name) continue;
    if (!exported) own.add(name);
    const { start } = statement;
    const comment = comments.findLast(({ end }) => end <= start && code.slice(end, start).trim() === '');
    const doc = comment?.value.startsWith('*') ? docText(comment.value) : '';
    const signature = publicText(code.slice(start, statement.end));
    const earlier = found.get(name);
    found.set(name, {
      name,
      doc: earlier?.doc ? earlier.doc : doc,
      signature: earlier ? `${earlier.signature}\n${signature}` : signature,
    });
  }
  return new Map(Array.from(found, ([name, one]) => [name, withOwn(one, own, found)]));
}

function nameOf(statement: Statement): string | undefined {
  if (statement.type === 'VariableDeclaration') {
    const id = statement.declarations[0]?.id;
    return id?.type === 'Identifier' ? id.name : undefined;
  }
  if (!('id' in statement) || !statement.id || !('name' in statement.id)) return undefined;
  return statement.id.name;
}

/** A type that a signature names, and that nobody can import, is shown with it. */
function withOwn(one: Declaration, own: ReadonlySet<string>, all: ReadonlyMap<string, Declaration>): Declaration {
  let { signature } = one;
  const left = new Set(own);
  left.delete(one.name);
  for (let more = named(signature, left); more; more = named(signature, left)) {
    left.delete(more);
    signature += `\n\n${all.get(more)?.signature ?? ''}`;
  }
  return { ...one, signature };
}

function named(signature: string, names: ReadonlySet<string>): string | undefined {
  return Array.from(names).find((name) => new RegExp(`\\b${name}\\b`).test(signature));
}

function publicText(text: string): string {
  const lines = text
    .replace(/^export (default )?/, '')
    .replace(/^declare /, '')
    .split('\n')
    .filter((line) => !/^\s*(#private;|private )/.test(line));
  return lines.map((line) => line.replace(/^( {4})+/, (indent) => ' '.repeat(indent.length / 2))).join('\n');
}

const tags: Record<string, string> = { throws: 'Throws', returns: 'Returns', since: 'Since', deprecated: 'Deprecated' };

/** The text of a doc comment as Markdown. */
function docText(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd());
  return lines
    .join('\n')
    .replaceAll(/\{@link\s+([^}\s]+)[^}]*\}/g, '`$1`')
    .replaceAll(/^@param (\w+)(?: -)? /gm, '- `$1`: ')
    .replaceAll(/(?:^|\n+)@(\w+) /g, (tag, name: string) => (tags[name] ? `\n\n**${tags[name]}** ` : tag))
    .trim();
}
