import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamManagerBackend } from './backend.ts';
import { readers } from './readers.ts';
import { writers } from './writers.ts';

/** Everything that the contract `StreamManager` promises. The factory is called once; each test has streams of its own. */
export function streamManagerSuite(
  name: string,
  factory: () => StreamManagerBackend | Promise<StreamManagerBackend>,
): void {
  describe(`StreamManager: ${name}`, () => {
    let backend: StreamManagerBackend | undefined;
    beforeAll(async () => {
      backend = await factory();
    });
    afterAll(() => backend?.close());
    const opened = () => {
      if (!backend) throw new Error('the backend is opened before the first test');
      return backend;
    };

    it('says which contract it keeps and how large a chunk may be', () => {
      expect(opened().manager.contract).toBe('helix.stream-manager/1');
      expect(opened().manager.limits.maxChunkBytes).toBeGreaterThanOrEqual(1024);
    });
    writers(opened);
    readers(opened);
  });
}
