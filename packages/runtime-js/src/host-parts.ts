import type { DriveParts, SessionHost, StreamManager } from '@helix-agents/core';

/** What sessions are driven with in this process, and read again. */
export interface HostParts extends DriveParts {
  readonly streams: StreamManager;
}

export type JSHost = SessionHost<HostParts>;
