// The loop of the benchmarks as DBOS would write it: a workflow whose model calls and tool calls are steps.
import { DBOS } from '@dbos-inc/dbos-sdk';

/** @param {{ connectionString: string, reply: object, finding: string }} given */
export async function start({ connectionString, reply, finding }) {
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: connectionString, systemDatabasePoolSize: 10, logLevel: 'error' });
  const loop = DBOS.registerWorkflow(
    async (steps) => {
      const messages = [{ role: 'user', content: 'Look it up.' }];
      for (let step = 0; step < steps; step += 1) {
        const answer = await DBOS.runStep(async () => ({ role: 'assistant', ...reply }), { name: 'model' });
        const result = await DBOS.runStep(async () => ({ role: 'tool', content: { finding, page: 12 } }), {
          name: 'tool',
        });
        messages.push(answer, result);
      }
      return messages.length;
    },
    { name: 'loop' },
  );
  await DBOS.launch();
  return {
    run: (steps) => loop(steps),
    close: () => DBOS.shutdown(),
  };
}
