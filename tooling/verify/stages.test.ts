// Would catch: a stage that nobody runs any more, and a simulation of so few worlds that it need not reach everything.
import { expect, test } from 'vitest';
import { stages } from './stages.ts';

const commandsOf = (name: string) =>
  stages.filter((stage) => stage.name === name).flatMap(({ commands }) => commands.map((words) => words.join(' ')));

test.each([
  ['format', /^oxfmt --check/],
  ['lint', / lint$/],
  ['lockfile', /lockfile\/complete\.ts --check$/],
  ['boundaries', /boundaries\/check\.ts$/],
  ['build', / build$/],
  ['types', / typecheck$/],
  ['unused', /^knip$/],
  ['platforms', /platforms\/check\.ts$/],
  ['packages', /packages\/check\.ts$/],
  ['docs', / docs:check$/],
  ['tests', /^npm test$/],
])('%s is verified', (name, command) => {
  expect(commandsOf(name)).toContainEqual(expect.stringMatching(command));
});

test('the simulation plays 20,000 worlds: with fewer it does not ask whether everything was reached', () => {
  expect(commandsOf('simulation')).toEqual([expect.stringMatching(/ simulate -- --seeds 20000$/)]);
});
