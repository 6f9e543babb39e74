import type { Transcript } from './transcript.ts';

/** Names for the calls of one reply. */
export interface CallNames {
  /** The name of a call, the same each time it is asked for. */
  of(givenId: string): string;
}

/**
 * Ids of calls are unique in a session, whatever the provider hands out: the same `call_0` in each reply becomes `call_0`,
 * `call_0_2`, ... where the reply is read, so that stream, ledger and transcript agree.
 */
export function uniqueIds(transcript: Transcript): CallNames {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return {
    of(givenId) {
      const known = names.get(givenId);
      if (known !== undefined) return known;
      const name = transcript.uniqueCallId(givenId, taken);
      names.set(givenId, name);
      taken.add(name);
      return name;
    },
  };
}
