import { InMemoryStateStore, InMemoryStreamManager, JSAgentExecutor } from '@helix-agents/sdk';
import { z } from 'zod';
import { agentWith, model } from './agent.mjs';

const executor = new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), model);
await (await executor.execute(agentWith(z.object({ name: z.string() })), 'Greet me.')).result();
await executor.close();
