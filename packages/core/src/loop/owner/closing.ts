import type { CallRecord } from '../../session/call.ts';
import type { ModelMode } from '../../session/snapshot.ts';

/** A step all of whose calls have their outcome. */
export interface Closing {
  readonly step: number;
  readonly mode: ModelMode;
  readonly calls: readonly CallRecord[];
}
