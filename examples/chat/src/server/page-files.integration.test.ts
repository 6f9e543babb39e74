// Would catch: a chat that starts only where its own folder may be written, since its build leaves something there; tests that drive
// another page than users get.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildPage } from './page-files.ts';

/** What a process may that writes no file. */
const readsOnly = ['--permission', '--allow-fs-read=*', '--allow-addons', '--allow-worker'];

test('the page is built without a file being written', async () => {
  const module = fileURLToPath(new URL('page-files.ts', import.meta.url));
  const build = `const { buildPage } = await import(${JSON.stringify(module)}); console.log((await buildPage()).has('index.html'));`;
  const options = [...readsOnly, '--conditions=@helix-agents/source', '--input-type=module', '--eval', build];
  expect((await promisify(execFile)(process.execPath, options)).stdout).toBe('true\n');
});

test('the page has the React of production, whatever the environment says', async () => {
  expect(process.env['NODE_ENV']).not.toBe('production');
  const files = Array.from((await buildPage()).values(), ({ body }) => new TextDecoder().decode(body));
  const react = files.find((text) => text.includes('https://react.dev/errors/'));
  expect(react).toBeDefined();
  expect(react).not.toContain('Each child in a list should have a unique');
});
