import type { CallRecord } from '../../session/call.ts';
import type { ModelMode } from '../../session/snapshot.ts';

/** A step all of whose calls have their outcome. */
export interface Closing {
  readonly step: number;
  readonly mode: ModelMode;
  readonly calls: readonly CallRecord[];
}

/** By content: what was read again are other objects. */
export function isSameClosing(one: Closing, other: Closing): boolean {
  const ends = ({ calls }: Closing) => JSON.stringify(calls.map(({ callId, state }) => [callId, state]));
  return one.step === other.step && ends(one) === ends(other);
}
