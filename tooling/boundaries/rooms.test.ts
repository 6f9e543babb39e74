// Would catch: a package that is promised to run anywhere, and of which nobody checks it any more; a row that lets a backend in.
import { expect, test } from 'vitest';
import { rooms } from './rooms.ts';

test.each(['core', 'runtime-js', 'store-memory', 'llm-vercel', 'ai-sdk', 'sdk'])(
  '%s is held to run on any platform',
  (name) => {
    expect(rooms[`packages/${name}`]?.neutral).toBe(true);
  },
);

/** Beside core, which everything may import. A package that is not named imports core alone. */
const siblings: Record<string, readonly string[]> = {
  'packages/sdk': ['packages/runtime-js', 'packages/store-memory'],
  'packages/agent-server': ['packages/ai-sdk'],
  'packages/conformance': ['packages/store-memory'],
};

test.each(Object.keys(rooms))('%s imports core, and of its siblings none but those that the design names', (name) => {
  const others = rooms[name]?.imports.filter((folder) => folder !== 'packages/core');
  expect(others).toEqual(siblings[name] ?? []);
});

test('core imports nothing of ours', () => {
  expect(rooms['packages/core']?.imports).toEqual([]);
});
