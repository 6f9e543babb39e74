export { JSAgentExecutor, type JSAgentExecutorOptions } from './js-agent-executor.ts';
export type { RecoveryOptions } from '@helix-agents/core';
