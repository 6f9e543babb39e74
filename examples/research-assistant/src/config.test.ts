// Would catch: a folder that is looked for somewhere else than where its path was typed.
import { expect, test } from 'vitest';
import { readSettings } from './config.ts';

test('relative folders count from where npm was called', () => {
  const { dir, dataDir } = readSettings(['x', '--dir', 'notes'], { INIT_CWD: '/home/me', HELIX_DATA_DIR: 'data' });
  expect({ dir, dataDir }).toEqual({ dir: '/home/me/notes', dataDir: '/home/me/data' });
  expect(readSettings(['x'], { INIT_CWD: '/home/me' }).dataDir).toMatch(/\/\.cache\/research-assistant$/);
});
