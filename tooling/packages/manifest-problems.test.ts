// Would catch a package that npm installs well, and stricter package managers do not.
import { expect, test } from 'vitest';
import { manifestProblems } from './manifest-problems.ts';

const chat = { name: 'chat', version: '1.0.0', peerDependencies: { ai: '^7.0.0' } };
const server = { name: 'server', version: '1.0.0', dependencies: { chat: '1.0.0' } };

test('a peer of what a package brings with it is its own, too', () => {
  const lacking = 'server depends on chat and must have its peer ai, too';
  expect(manifestProblems({ files: [] }, server, [chat, server])).toEqual([lacking]);
  expect(manifestProblems({ files: [] }, { ...server, peerDependencies: { ai: '^7.0.0' } }, [chat])).toEqual([]);
});

test('a package that starts a program of its own is not kept in an archive', () => {
  const files = ['dist/index.js', 'dist/supervisor-main.js'];
  expect(manifestProblems({ files }, chat, [])).toEqual([
    'chat starts dist/supervisor-main.js: it needs preferUnplugged',
  ]);
  expect(manifestProblems({ files }, { ...chat, preferUnplugged: true }, [])).toEqual([]);
});
