import { InMemoryStateStore, InMemoryStreamManager, JSAgentExecutor } from '@helix-agents/sdk';
import { agent, model } from './agent.mjs';

const executor = new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), model);
await (await executor.execute(agent, 'Greet me.')).result();
await executor.close();
