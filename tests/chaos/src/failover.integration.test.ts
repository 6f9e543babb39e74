// Would catch: a run that hangs, or is left for ever, because a replica that was behind took over from the server that had confirmed it.
import { defineAgent, defineTool, type LLMAdapter } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openStores } from './database.ts';
import { ReplicatedPostgres } from './replicated-postgres.ts';

/** A model that calls a tool until it has made as many replies as the user said, and whose every reply waits until it is let go. */
class HeldModel implements LLMAdapter {
  readonly asked: string[] = [];
  readonly #places = new Map<string, Record<'asked' | 'answered', PromiseWithResolvers<void>>>();

  readonly generateStep: LLMAdapter['generateStep'] = async ({ messages }) => {
    const [part] = messages.find(({ role }) => role === 'user')?.parts ?? [];
    const [name = '', replies] = part?.type === 'text' ? part.text.split(' ') : [];
    const made = messages.filter(({ role }) => role === 'assistant').length;
    const place = `${name} ${made}`;
    this.asked.push(place);
    this.#at(place).asked.resolve();
    await this.#at(place).answered.promise;
    if (made + 1 === Number(replies)) return { type: 'text', content: `${name} is done` };
    return { type: 'tool_calls', toolCalls: [{ id: `call_${made}`, name: 'work', arguments: {} }] };
  };

  /** Resolves once the model was asked there: so many replies of this name are in the record. */
  untilAsked(place: string): Promise<void> {
    return this.#at(place).asked.promise;
  }

  letGo(...places: readonly string[]): void {
    for (const place of places) this.#at(place).answered.resolve();
  }

  #at(place: string) {
    const made = { asked: Promise.withResolvers<void>(), answered: Promise.withResolvers<void>() };
    const at = this.#places.get(place) ?? made;
    this.#places.set(place, at);
    return at;
  }
}

const work = defineTool({ name: 'work', description: 'Works.', inputSchema: z.object({}), execute: () => 'worked' });
const agent = defineAgent({ name: 'worker', systemPrompt: '', tools: [work] });

async function openServers(): Promise<ReplicatedPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'helix-failover-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Servers before 16 must enter every folder above their data.
  await chmod(folder, 0o711);
  const servers = await ReplicatedPostgres.start(folder);
  onTestFinished(() => servers.stop());
  return servers;
}

/** A process that recovers. */
function openProcess({ network }: ReplicatedPostgres, model: LLMAdapter): JSAgentExecutor {
  const stores = openStores(network.connectionString);
  const executor = new JSAgentExecutor(stores.store, stores.streams, model);
  const stop = new AbortController();
  const recovery = executor.startRecovery({ agents: { worker: agent }, abortSignal: stop.signal });
  onTestFinished(async () => {
    stop.abort();
    await recovery;
    await executor.close();
    await stores.close();
  });
  return executor;
}

it('goes on, in the same processes, with each run that a replica still has of the leader that died', async () => {
  const servers = await openServers();
  const model = new HeldModel();
  const [first, second] = [openProcess(servers, model), openProcess(servers, model)];
  const ended = await first.execute(agent, 'ended 2', { sessionId: 'ended' });
  const inFlight = await first.execute(agent, 'flying 3');
  model.letGo('ended 0', 'flying 0');
  await Promise.all([model.untilAsked('ended 1'), model.untilAsked('flying 1')]);
  await servers.untilReplicated();
  servers.leaveBehind();
  model.letGo('ended 1', 'flying 1');
  expect(await ended.result()).toMatchObject({ status: 'completed' });
  await model.untilAsked('flying 2');
  const unheardOf = await first.execute(agent, 'new 1');
  await model.untilAsked('new 0');

  await servers.failOver();
  model.letGo('flying 2', 'new 0');
  expect(await inFlight.result()).toMatchObject({ status: 'completed', output: 'flying is done', stepCount: 3 });
  await expect(unheardOf.result()).rejects.toMatchObject({ code: 'state_session_not_found' });
  const again = await second.getHandle(agent, 'ended');
  expect(await again?.result()).toMatchObject({ status: 'completed', output: 'ended is done', stepCount: 2 });
  for (const place of ['ended 1', 'flying 1']) expect(model.asked.filter((asked) => asked === place)).toHaveLength(2);
  const next = await second.execute(agent, 'next 1');
  model.letGo('next 0');
  expect(await next.result()).toMatchObject({ status: 'completed', output: 'next is done' });
});
