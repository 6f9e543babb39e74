// A process that begins a run, says so from inside a tool, and stays there until it is killed: `takeover-victim.ts <connection string>`.
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { BenchDatabase } from '../database/bench-database.ts';
import { InstantModel } from './looping-agent.ts';
import { stuckAgent } from './stuck-agent.ts';

const database = new BenchDatabase(process.argv[2] ?? '', 6);
const executor = new JSAgentExecutor(database.store, database.streams, new InstantModel());
const inTool = new Promise<void>((resolve) => {
  void executor.execute(
    stuckAgent(() => {
      resolve();
      return new Promise(() => {});
    }),
    'Look it up.',
  );
});
await inTool;
process.stdout.write('in the tool\n');
