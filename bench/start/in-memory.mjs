import { InMemoryStateStore, InMemoryStreamManager, JSAgentExecutor } from '@helix-agents/sdk';
import { agentWith, handWritten, model } from './agent.mjs';

const executor = new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), model);
await (await executor.execute(agentWith(handWritten), 'Greet me.')).result();
await executor.close();
