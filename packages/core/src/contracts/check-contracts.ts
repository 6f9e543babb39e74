import { HelixError } from '../errors/helix-error.ts';
import type { LLMAdapter } from './llm-adapter.ts';
import type { SessionStateStore } from './session-state-store.ts';
import type { StreamManager } from './stream-manager.ts';

/** What a runtime is put together of. */
export interface RuntimeParts {
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  readonly llmAdapter: LLMAdapter;
}

const spoken = {
  stateStore: 'helix.session-state-store/2',
  streamManager: 'helix.stream-manager/2',
  llmAdapter: 'helix.llm-adapter/1',
} as const satisfies { readonly [Part in keyof RuntimeParts]: RuntimeParts[Part]['contract'] };

/**
 * Refuses parts that speak another version of their contract, or none, before anything is asked of them: what they would misread
 * is the record of a session.
 *
 * @throws HelixError `framework_contract_mismatch`, saying what was expected
 */
export function checkContracts({ stateStore, streamManager, llmAdapter }: RuntimeParts): void {
  checkContract('the state store', stateStore, spoken.stateStore);
  checkContract('the stream manager', streamManager, spoken.streamManager);
  // An adapter of a few lines, written by hand, need not name the contract that it was compiled against.
  if (llmAdapter?.contract !== undefined) checkContract('the model adapter', llmAdapter, spoken.llmAdapter);
  if (typeof llmAdapter?.generateStep === 'function') return;
  throw new HelixError(
    'framework_contract_mismatch',
    `the model adapter has no generateStep; it must be ${spoken.llmAdapter}, as a VercelAIAdapter makes of a model of the AI SDK`,
  );
}

function checkContract(part: string, given: { readonly contract?: string } | undefined, expected: string): void {
  const contract = given?.contract;
  if (contract === expected) return;
  const problem =
    contract === undefined
      ? `names no contract; it must be ${expected} (the parts are given in the order: state store, stream manager, model adapter)`
      : `speaks ${contract}, not ${expected}`;
  throw new HelixError('framework_contract_mismatch', `${part} ${problem}`);
}
