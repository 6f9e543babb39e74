import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultKinds, type FaultKind } from './adversary.ts';
import { soak } from './soak.ts';

const usage = `Runs agents on Postgres while everything around them breaks, and judges what is left.

  npm run soak -- --seconds 600            one world, broken for ten minutes
  npm run soak -- --worlds 20              twenty worlds of a minute each
  npm run soak -- --seed 42                the adversary of this seed; what the machine makes of it differs
  --users 24 --workers 3 --pauseMs 2500    how many, and the longest pause between two faults
  --kinds kill,cutOne                      only these: ${faultKinds.join(', ')}`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    seconds: { type: 'string', default: '60' },
    worlds: { type: 'string', default: '1' },
    users: { type: 'string', default: '24' },
    workers: { type: 'string', default: '3' },
    pauseMs: { type: 'string', default: '2500' },
    kinds: { type: 'string', default: faultKinds.join() },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else for (let world = 0; world < Number(values.worlds); world += 1) await runWorld(Number(values.seed) + world);

async function runWorld(seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'helix-soak-'));
  const startedAt = Date.now();
  const { faults, counts } = await soak({
    seed,
    folder,
    seconds: Number(values.seconds),
    users: Number(values.users),
    workers: Number(values.workers),
    pauseMs: Number(values.pauseMs),
    kinds: values.kinds.split(',') as FaultKind[],
    say: (line) => console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1)} ${line}`),
  });
  console.log(JSON.stringify(counts));
  console.log(
    `seed ${seed}: ${faults.length} faults${faults.length > 0 ? `; what is left of it is in ${folder}` : ''}`,
  );
  if (faults.length > 0) process.exitCode = 1;
  else rmSync(folder, { recursive: true });
}
