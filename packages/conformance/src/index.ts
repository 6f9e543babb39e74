export type { SessionStateStoreBackend } from './session-state-store/backend.ts';
export {
  sessionStateStoreSuite,
  type SessionStateStoreSuiteOptions,
} from './session-state-store/session-state-store.suite.ts';
export type { StreamManagerBackend } from './stream-manager/backend.ts';
export { streamManagerSuite } from './stream-manager/stream-manager.suite.ts';
