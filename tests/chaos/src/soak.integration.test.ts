// Would catch: whatever only shows where faults of all kinds meet by chance; a longer one is run by `npm run soak`.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { soak } from './soak/soak.ts';

it('whatever breaks, every session comes to its end, and its records, bodies and readers agree', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'helix-soak-'));
  // Servers before 16 must enter every folder above their data.
  chmodSync(folder, 0o711);
  const seed = Math.floor(Math.random() * 1e9);
  const { faults, counts } = await soak({ seed, folder, seconds: 8, users: 10, workers: 3, pauseMs: 1_500 });
  expect(faults, `seed ${seed}`).toEqual([]);
  expect(counts['runs completed']).toBeGreaterThan(0);
  rmSync(folder, { recursive: true });
}, 180_000);
