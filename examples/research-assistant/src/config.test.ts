// Would catch: a folder that is looked for somewhere else than where its path was typed; a first `npm run demo` that is only refused.
import { expect, test } from 'vitest';
import { readSettings } from './config.ts';

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
