import { Visitor, type EcmaScriptModule, type Expression, type Node, type ParseResult } from 'oxc-parser';

/** Objects around a program that are told apart by what is taken of them. */
const objects: ReadonlySet<string | undefined> = new Set(['process', 'Date', 'Math', 'performance', 'crypto']);
const timers: ReadonlySet<string | undefined> = new Set(['setTimeout', 'setInterval', 'setImmediate']);

/**
 * `process.env`, `Date.now`, `console`, … as they occur: by a member or a string, taken out by a pattern, from `globalThis`, or
 * imported; `setTimeout` and its kin where they are called, and `new Date()`, which is now. Who gives `process` another name, or
 * passes it on, is not seen through.
 */
export function ambientNames({ module, program }: Pick<ParseResult, 'module' | 'program'>): string[] {
  const names = new Set(importedFromProcess(module));
  const note = (object: string | undefined, member: string | undefined) => {
    if (object === 'console') names.add('console');
    if (objects.has(object) && member !== undefined) names.add(`${object}.${member}`);
  };
  const noteTakenOut = (pattern: Node, from: Expression | null) => {
    if (pattern.type !== 'ObjectPattern' || !from) return;
    for (const property of pattern.properties)
      note(globalName(from), property.type === 'Property' ? keyOf(property.key, property.computed) : undefined);
  };
  new Visitor({
    CallExpression: ({ callee }) => {
      const name = globalName(callee);
      if (name !== undefined && timers.has(name)) names.add(name);
    },
    NewExpression: ({ callee, arguments: given }) => {
      if (given.length === 0 && globalName(callee) === 'Date') names.add('new Date()');
    },
    MemberExpression: ({ object, property, computed }) => note(globalName(object), keyOf(property, computed)),
    VariableDeclarator: ({ id, init }) => noteTakenOut(id, init),
    AssignmentExpression: ({ left, right }) => noteTakenOut(left, right),
  }).visit(program);
  return [...names];
}

/** `console` of `console` and of `globalThis.console`. */
function globalName(object: Expression): string | undefined {
  if (object.type === 'Identifier') return object.name;
  if (object.type !== 'MemberExpression' || globalName(object.object) !== 'globalThis') return undefined;
  return keyOf(object.property, object.computed);
}

function keyOf(key: Node, isComputed: boolean): string | undefined {
  if (key.type === 'Identifier') return isComputed ? undefined : key.name;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

/** `import { env } from 'node:process'` is `process.env` by another name. */
function importedFromProcess({ staticImports }: EcmaScriptModule): string[] {
  return staticImports
    .filter(({ moduleRequest }) => /^(node:)?process$/.test(moduleRequest.value))
    .flatMap(({ entries }) =>
      entries.flatMap(({ importName }) => (importName.name ? `process.${importName.name}` : [])),
    );
}
