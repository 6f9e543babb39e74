// Would catch: a reference that leaves out a public name, shows what is private, or passes a name that nobody described.
import { expect, test } from 'vitest';
import { page, placesIn, readEntry, undocumented } from './package-reference.ts';

const files: Record<string, string> = {
  'dist/index.d.ts': `export { Box, type Options } from './box.ts';
export { open as openBox } from './open.ts';
export * from './more.ts';
export * from '@helix-agents/core';
export { Other } from '@helix-agents/runtime-js';
`,
  'dist/box.d.ts': `/** Not about Options. */
import type { Json } from './json.ts';
type Inner = Json | Deep;
type Deep = 'deep';
export interface Options {
    /** Of the box. Default 1. */
    readonly size?: Inner;
}
/**
 * Keeps things; see {@link Options}.
 *
 * @throws HelixError \`input_invalid\`, naming the option
 */
export declare class Box {
    #private;
    private constructor();
    constructor(options: Options);
}
`,
  'dist/open.d.ts': `/** Opens by name. */
export declare function open(name: string): void;
export declare function open(id: number): void;
`,
  'dist/more.d.ts': `/** How many. */
export declare const most: 3;
`,
};

const lent: Record<string, string> = {
  'dist/index.d.ts': `/** Makes one. */
export declare function other(): Other;
/**
 * Runs things of x.ts; also
 * in a browser. And more.
 *
 * Much more.
 */
export interface Other {}
`,
};

const entry = readEntry('@helix-agents/box', 'dist/index.d.ts', (path) => files[path] ?? '');
const named = (name: string) => entry.declared.find((one) => one.name === name);

test('every exported name is there, in order, under the name that users import', () => {
  expect(entry.declared.map(({ name }) => name)).toEqual(['Box', 'Options', 'openBox', 'most']);
  expect(entry.borrowed).toEqual([
    { name: '*', from: '@helix-agents/core' },
    { name: 'Other', from: '@helix-agents/runtime-js' },
  ]);
});

test('a signature shows what is public, with the types that its file keeps to itself', () => {
  expect(named('Box')?.signature).toBe('class Box {\n  constructor(options: Options);\n}');
  expect(named('Options')?.signature).toContain('  /** Of the box. Default 1. */\n  readonly size?: Inner;');
  expect(named('Options')?.signature).toMatch(/type Inner = Json \| Deep;\n\ntype Deep = 'deep';$/);
  expect(named('openBox')?.signature).toBe('function open(name: string): void;\nfunction open(id: number): void;');
});

test('doc comments become Markdown', () => {
  expect(named('Box')?.doc).toBe(
    'Keeps things; see `Options`.\n\n**Throws** HelixError `input_invalid`, naming the option',
  );
});

test('a name without a doc comment is named, and the comment of something else does not count', () => {
  expect(undocumented(entry)).toEqual(['@helix-agents/box: Options has no doc comment']);
});

test('a name that is declared nowhere is refused', () => {
  const read = () => `export { gone } from './gone.ts';\n`;
  expect(() => readEntry('x', 'dist/index.d.ts', (path) => (path.endsWith('index.d.ts') ? read() : ''))).toThrow(
    'dist/gone.d.ts exports gone, and does not declare it',
  );
});

test('a page links to the pages of other packages', () => {
  const text = page('@helix-agents/box', 'A box', [entry]);
  expect(text).toMatch(/^# @helix-agents\/box\n\nA box\.\n/);
  expect(text).toContain('- everything of [@helix-agents/core](core.md)');
  expect(text).toContain('### Box\n\nKeeps things');
  expect(text.endsWith('```\n')).toBe(true);
});

test('a borrowed name leads to where it is described, and says what it is', () => {
  const lender = readEntry('@helix-agents/runtime-js', 'dist/index.d.ts', (path) => lent[path] ?? '');
  const placeOf = placesIn([
    {
      path: 'runtime-js.md',
      title: '@helix-agents/core',
      entries: [lender, { ...lender, specifier: '@helix-agents/core' }],
    },
  ]);
  const text = page('@helix-agents/box', 'A box', [entry], placeOf);
  expect(text).toContain('- [Other](runtime-js.md#other-1): Runs things of x.ts; also in a browser.\n');
  expect(text).toContain('- everything of [@helix-agents/core](runtime-js.md#helix-agentscore-1)');
});

test('two names that differ in case alone have an anchor each', () => {
  const many = Array.from({ length: 6 }, (_, index) => `/** Fills. */\nexport declare const more${index}: 1;`).join(
    '\n',
  );
  const whole = readEntry('x', 'index.d.ts', () => `${lent['dist/index.d.ts']}${many}`);
  expect(page('x', 'X', [whole])).toMatch(/Values: .*\[other\]\(#other\).*\n\nTypes: \[Other\]\(#other-1\)/);
});
