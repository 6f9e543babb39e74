import { describe, expect, it } from 'vitest';
import { openOnce } from '../open-once.ts';
import type { StreamManagerBackend } from './backend.ts';
import { readers } from './readers.ts';
import { writers } from './writers.ts';

/** Everything that the contract `StreamManager` promises. The factory is called once; each test has streams of its own. */
export function streamManagerSuite(
  name: string,
  factory: () => StreamManagerBackend | Promise<StreamManagerBackend>,
): void {
  describe(`StreamManager: ${name}`, () => {
    const opened = openOnce(factory);

    it('says which contract it keeps, how long chunks last, and how large one may be', () => {
      expect(opened().manager.contract).toBe('helix.stream-manager/2');
      expect(['none', 'second', 'commit']).toContain(opened().manager.durability);
      expect(opened().manager.limits.maxChunkBytes).toBeGreaterThanOrEqual(1024);
    });
    writers(opened);
    readers(opened);
  });
}
