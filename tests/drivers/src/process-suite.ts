import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Way } from './access.ts';
import { openProcess } from './open-process.ts';
import { talker, talkerModel } from './talker.ts';

const program = fileURLToPath(new URL('./talker-process.ts', import.meta.url));

const timeout = 120_000;

/** How soon a process sees what another one wrote: it is called, or looks often. */
const noticedWithinMs = 5_000;

/**
 * What two processes have to do with each other, over a way to the database.
 *
 * @param takenUpWithinMs - How soon what a dead process left is somebody's again.
 */
export function processSuite(
  name: string,
  open: () => Promise<{ readonly way: Way }>,
  { takenUpWithinMs }: { readonly takenUpWithinMs: number },
): void {
  describe(`two processes over ${name}`, () => {
    const others: ChildProcess[] = [];
    let way: Way;
    let bodies = 0;
    let here: ReturnType<typeof openProcess>;
    const agent = talker(() => (bodies += 1));

    beforeAll(async () => {
      ({ way } = await open());
      here = openProcess(
        way,
        talkerModel(async () => {}),
      );
    });
    afterAll(async () => {
      for (const other of others) other.kill('SIGKILL');
      await here?.close();
    });

    /** Another process, once it has said half of what it has to say, and what it tells of itself. */
    async function halfway(sessionId: string) {
      const other = fork(program, [JSON.stringify(way), sessionId], {
        execArgv: ['--conditions=@helix-agents/source'],
      });
      others.push(other);
      const told: unknown[] = [];
      other.on('message', (message) => told.push(message));
      await expect.poll(() => told, { timeout: 45_000 }).toEqual(['body']);
      const handle = await here.executor.getHandle(agent, sessionId);
      for await (const chunk of (await handle?.stream()) ?? [])
        if (chunk.type === 'text_delta' && chunk.delta === 'half ') break;
      return { other, told, handle };
    }

    it('a run is followed from elsewhere, and a stop from there ends it', { timeout }, async () => {
      const { told, handle } = await halfway('stop');
      await handle?.interrupt('from afar');
      await expect.poll(() => told, { timeout: noticedWithinMs, interval: 10 }).toEqual(['body', 'interrupted']);
      expect(await handle?.result()).toMatchObject({ status: 'interrupted' });
    });

    it(
      `what a killed one left goes on elsewhere within ${takenUpWithinMs} ms, and nothing is done twice`,
      { timeout },
      async () => {
        const { other, handle } = await halfway('kill');
        const exit = once(other, 'exit');
        other.kill('SIGKILL');
        await exit;
        const stop = new AbortController();
        const recovery = here.executor.startRecovery({ agents: { [agent.name]: agent }, abortSignal: stop.signal });
        await expect
          .poll(async () => (await here.store.head('kill'))?.phase, { timeout: takenUpWithinMs, interval: 50 })
          .toBe('ended');
        expect(await handle?.result()).toMatchObject({ status: 'completed', output: 'half whole' });
        const messages = await here.store.messagesAfter('kill', 0);
        expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
        expect(bodies).toBe(0);
        stop.abort();
        await recovery;
      },
    );
  });
}
