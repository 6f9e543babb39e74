export { Chance } from './chance.ts';
export { FakeClock } from './fake-clock.ts';
export { sequentialIds } from './sequential-ids.ts';
export { MockLLMAdapter, RoutingMockLLMAdapter, type MockStep } from './mock-llm-adapter.ts';
