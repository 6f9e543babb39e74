import type { Transcript } from '../owner/transcript.ts';

/** Names for the calls of one reply, which are few: lists cost less than maps. */
export interface CallNames {
  /** The name of a call, the same each time it is asked for. `repeated`: how many of the reply before it have the same id. */
  of(givenId: string, repeated?: number): string;
}

/**
 * Ids of calls are unique in a session, whatever the provider hands out: the same `call_0` in each reply becomes `call_0`,
 * `call_0_2`, ... where the reply is read, so that stream, ledger and transcript agree.
 */
export function uniqueIds(transcript: Transcript): CallNames {
  const named: { readonly givenId: string; readonly repeated: number; readonly name: string }[] = [];
  // A set all the same: of many calls with one id, each is tried with every name of those before it.
  let taken: Set<string> | undefined;
  const isTaken = (candidate: string) => taken?.has(candidate) ?? false;
  return {
    of(givenId, repeated = 0) {
      const known = named.find((call) => call.givenId === givenId && call.repeated === repeated);
      if (known) return known.name;
      const name = transcript.uniqueCallId(givenId, isTaken);
      named.push({ givenId, repeated, name });
      (taken ??= new Set()).add(name);
      return name;
    },
  };
}

/** The names of calls in the order of a reply: each gets one of its own, also where several have one id. */
export function inOrder(names: CallNames): (givenId: string) => string {
  const seen: string[] = [];
  return (givenId) => {
    const repeated = seen.filter((id) => id === givenId).length;
    seen.push(givenId);
    return names.of(givenId, repeated);
  };
}
