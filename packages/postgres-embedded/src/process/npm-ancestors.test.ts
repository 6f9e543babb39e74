// Catches: a server that stays behind its npm, or dies with an npm that it has nothing to do with.
import { expect, test } from 'vitest';
import { npmAncestorsIn } from './npm-ancestors.ts';

/** A chain of processes, outermost first: command and process group. The last one asks. */
function ancestorsIn(chain: readonly (readonly [command: string, groupId: number])[]): number[] {
  const processes = chain.map(([command, groupId], index) => ({
    pid: index + 10,
    parentPid: index + 9,
    groupId,
    command,
  }));
  return npmAncestorsIn(processes, chain.length + 9);
}

test.each([
  'npm run demo',
  'npm exec tool',
  'npx tool',
  'pnpm',
  'bun run demo',
  'node /usr/lib/node_modules/npm/bin/npm-cli.js run demo',
  'node /opt/yarn/bin/yarn.js demo',
])('%s is the npm of its script', (command) => {
  expect(
    ancestorsIn([
      ['bash', 1],
      [command, 11],
      ['sh -c node demo.js', 11],
      ['node demo.js', 11],
    ]),
  ).toEqual([11]);
});

test('npm within npm counts twice, nearest first', () => {
  const chain = [
    ['npm test', 10],
    ['sh -c npm run x', 10],
    ['npm run x', 10],
    ['node x.js', 10],
  ] as const;
  expect(ancestorsIn(chain)).toEqual([12, 10]);
});

test('npm above another job does not count', () => {
  expect(
    ancestorsIn([
      ['npm start', 10],
      ['node editor.js', 10],
      ['bash', 12],
      ['node demo.js', 13],
    ]),
  ).toEqual([]);
});

test.each(['npm-check', 'node npm-cli.js.map', 'node /srv/yarn/server.js', 'vim npm'])('%s is no npm', (command) => {
  expect(
    ancestorsIn([
      [command, 10],
      ['node demo.js', 10],
    ]),
  ).toEqual([]);
});
