// Would catch: a package that is promised to run anywhere, and of which nobody checks it any more; a row that lets a backend in; a
// library that a rule forgot.
import { expect, test } from 'vitest';
import { ambientRules, rooms } from './rooms.ts';

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

/** What the sources of a package may not touch. */
function forbiddenIn(name: string): readonly string[] {
  return ambientRules.flatMap(({ within, forbids }) => (within.test(`packages/${name}/src/a.ts`) ? forbids : []));
}

test.each(Object.keys(rooms))('%s neither reads the environment, logs to the console nor exits', (name) => {
  const forbidden = ['process.env', 'process.exit', 'console'];
  expect(forbiddenIn(name.replace('packages/', ''))).toEqual(expect.arrayContaining(forbidden));
});

test.each(['core', 'runtime-js', 'store-memory', 'llm-vercel', 'agent-server', 'ai-sdk'])(
  '%s has its time, its chance and its ids from ports',
  (name) => {
    const forbidden = ['Date.now', 'performance.now', 'setTimeout', 'setInterval', 'Math.random', 'crypto.randomUUID'];
    expect(forbiddenIn(name)).toEqual(expect.arrayContaining(forbidden));
  },
);
