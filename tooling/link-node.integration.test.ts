// Would catch: a repository that is installed and whose scripts run on the system's Node, which cannot run them: npm 10 leaves it so.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratchFolder } from './scratch-folder.ts';
import { repository } from './workspaces.ts';

let folder = '';
const link = () => join(folder, 'node_modules/.bin/node');

beforeEach(() => {
  folder = scratchFolder('link-node');
  write('package.json', JSON.stringify({ optionalDependencies: { 'node-here': '1.0.0', 'node-elsewhere': '1.0.0' } }));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function installNode(): void {
  write('node_modules/node-here/package.json', JSON.stringify({ bin: { node: 'bin/node' } }));
  write('node_modules/node-here/bin/node', 'a program');
}

function linkNode(): number | null {
  return spawnSync(process.execPath, [join(repository, 'tooling/link-node.mjs')], { cwd: folder }).status;
}

test('the Node of this platform is linked where npm left no link, and the second time nothing happens', () => {
  installNode();
  expect([linkNode(), linkNode()]).toEqual([0, 0]);
  expect(readFileSync(link(), 'utf8')).toBe('a program');
  expect(readlinkSync(link())).toBe('../node-here/bin/node');
});

test('a link that leads nowhere is replaced, and one of npm stays', () => {
  installNode();
  mkdirSync(dirname(link()), { recursive: true });
  symlinkSync('../node-gone/bin/node', link());
  expect(linkNode()).toBe(0);
  expect(readFileSync(link(), 'utf8')).toBe('a program');
  rmSync(link());
  writeFileSync(link(), 'of npm');
  expect(linkNode()).toBe(0);
  expect(readFileSync(link(), 'utf8')).toBe('of npm');
});

test('where no package has a Node for the platform, the one that is there has to do', () => {
  expect(linkNode()).toBe(0);
  expect(existsSync(link())).toBe(false);
});

test('npm does this at the end of each installation', () => {
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(manifest.scripts['postinstall']).toBe('node tooling/link-node.mjs');
});
