export * from '@helix-agents/core';
export { JSAgentExecutor, type JSAgentExecutorOptions, type RecoveryOptions } from '@helix-agents/runtime-js';
export { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
