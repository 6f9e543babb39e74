// Would catch: a folder that is looked for somewhere else than where its path was typed; an empty variable that
// means something; a first `npm run demo` that is only refused; a question about --help that is answered with the help.
import { expect, test } from 'vitest';
import { asksForHelp, readSettings } from './config.ts';

test('relative folders count from where npm was called', () => {
  const { dir, dataDir } = readSettings(['x', '--dir', 'notes'], { INIT_CWD: '/home/me', HELIX_DATA_DIR: 'data' });
  expect({ dir, dataDir }).toEqual({ dir: '/home/me/notes', dataDir: '/home/me/data' });
  expect(readSettings(['x'], { INIT_CWD: '/home/me' }).dataDir).toMatch(/\/\.cache\/research-assistant$/);
});

test('who gives neither a question nor a folder sees a sample; an empty question, or a folder without one, is refused', () => {
  expect(readSettings([], {}).question).toBe('How does a run survive a crash?');
  expect(readSettings(['--json', '--crash-after', '2'], {}).question).toBe('How does a run survive a crash?');
  expect(readSettings(['--session', 'ses_1'], {}).question).toBe(null);
  for (const argv of [[''], ['--dir', 'notes']]) expect(() => readSettings(argv, {})).toThrow('the question is empty');
});

test.each([
  [['--help'], true],
  [['-h'], true],
  [['x', '--help'], true],
  [['--', 'What does', '--help'], false],
  [['What does --help do?'], false],
])('help is asked for by %j: %s', (argv, asked) => {
  expect(asksForHelp(argv)).toBe(asked);
});

test('a crash comes after a step, of which there is at least one', () => {
  const stepsOf = (steps: string) => readSettings(['x', '--crash-after', steps], {}).crashAfter;
  expect(stepsOf('1')).toBe(1);
  for (const steps of ['0', '1.5', '']) expect(() => stepsOf(steps)).toThrow('a whole number of at least 1');
});

test.each(['HELIX_MODEL', 'DATABASE_URL', 'HELIX_DATA_DIR'])('an empty %s counts as one that is not set', (name) => {
  for (const empty of ['', ' ']) expect(readSettings(['x'], { [name]: empty })).toEqual(readSettings(['x'], {}));
});
