import { jsonBytes } from '../../values/size.ts';
import type { Transcript } from '../owner/transcript.ts';

/** Names for the calls of one reply. */
export interface CallNames {
  /** The name of a call, the same each time it is asked for. `repeated`: how many of the reply before it have the same id. */
  of(givenId: string, repeated?: number): string;
}

/** What the ids of a reply's calls may have together, as JSON: a decision names them all, and has at most 32 KiB. */
const maxIdsBytes = 24 * 1024;

/**
 * Ids of calls are unique in a session, whatever the provider hands out: the same `call_0` in each reply becomes `call_0`,
 * `call_0_2`, ... where the reply is read, so that stream, ledger and transcript agree. One for which there is no room beside those
 * before it is `call`, and numbered like any other. Each alone may be long: some proxies put into it what they must be given back.
 */
export function uniqueIds(transcript: Transcript): CallNames {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  let roomBytes = maxIdsBytes;
  return {
    of(givenId, repeated = 0) {
      const key = `${repeated} ${givenId}`;
      const known = names.get(key);
      if (known !== undefined) return known;
      const base = jsonBytes(givenId) <= roomBytes ? givenId : 'call';
      const name = transcript.uniqueCallId(base, taken, repeated);
      roomBytes -= jsonBytes(name);
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
