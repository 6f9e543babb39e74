// Would catch: a package that is promised to run anywhere, and of which nobody checks it any more.
import { expect, test } from 'vitest';
import { rooms } from './rooms.ts';

test.each(['core', 'runtime-js', 'store-memory', 'llm-vercel', 'ai-sdk', 'sdk'])(
  '%s is held to run on any platform',
  (name) => {
    expect(rooms[`packages/${name}`]?.neutral).toBe(true);
  },
);

test('core imports nothing of ours, a store and a runtime only core', () => {
  expect(rooms['packages/core']?.imports).toEqual([]);
  for (const name of ['store-memory', 'store-postgres', 'runtime-js'])
    expect(rooms[`packages/${name}`]?.imports).toEqual(['packages/core']);
});
