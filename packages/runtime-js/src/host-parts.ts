import type {
  Boundary,
  LLMAdapter,
  RuntimePorts,
  SessionHost,
  SessionStateStore,
  StreamManager,
} from '@helix-agents/core';

/** What sessions are driven with in this process. */
export interface HostParts {
  readonly store: SessionStateStore;
  readonly streams: StreamManager;
  readonly llm: LLMAdapter;
  readonly ports: RuntimePorts;
  /** Told at each boundary of the loop; tests kill the process there. */
  readonly reached?: (boundary: Boundary) => void;
}

export type JSHost = SessionHost<HostParts>;
