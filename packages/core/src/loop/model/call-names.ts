import type { Transcript } from '../owner/transcript.ts';

/** Names for the calls of one reply. */
export interface CallNames {
  /** The name of a call, the same each time it is asked for. `repeated`: how many of the reply before it have the same id. */
  of(givenId: string, repeated?: number): string;
}

/**
 * Ids of calls are unique in a session, whatever the provider hands out: the same `call_0` in each reply becomes `call_0`,
 * `call_0_2`, ... where the reply is read, so that stream, ledger and transcript agree.
 */
export function uniqueIds(transcript: Transcript): CallNames {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return {
    of(givenId, repeated = 0) {
      const key = `${repeated} ${givenId}`;
      const known = names.get(key);
      if (known !== undefined) return known;
      const name = transcript.uniqueCallId(givenId, taken, repeated);
      names.set(key, name);
      taken.add(name);
      return name;
    },
  };
}

/** The names of calls in the order of a reply: each gets one of its own, also where several have one id. */
export function inOrder(names: CallNames): (givenId: string) => string {
  const seen = new Map<string, number>();
  return (givenId) => {
    const repeated = seen.get(givenId) ?? 0;
    seen.set(givenId, repeated + 1);
    return names.of(givenId, repeated);
  };
}
