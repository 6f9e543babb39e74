import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { WaitRecord } from '../../session/wait.ts';
import { kindOfWait } from '../decide/wait-ids.ts';
import type { Draft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';
import { toolEnd } from '../owner/told-ends.ts';

/** Leaves a run to its waits. Waits for an operator or for more tokens have no call that opened them: they are opened here. */
export function parkRun(owner: Owner, session: SessionSnapshot, on: readonly string[]): Draft {
  const missing = on.filter((waitId) => !session.waits.some((wait) => wait.waitId === waitId));
  const { runId } = owner.run;
  const opened = missing.map((waitId): WaitRecord => {
    return { v: 1, waitId, kind: kindOfWait(waitId), generation: session.generation, runId };
  });
  return {
    ...endedAlone(owner, session),
    run: { op: 'park', on },
    ...(opened.length > 0 && { waits: opened.map((wait) => ({ op: 'open', wait }) as const) }),
  };
}

/** Calls that ended by themselves, which no commit knows yet: readers hear of them now, and not once more from who goes on. */
function endedAlone(owner: Owner, { step }: SessionSnapshot): Draft {
  const calls = step?.at === 'calls' ? step.calls.filter(({ usage }) => usage !== undefined) : [];
  if (calls.length === 0) return {};
  return {
    calls: calls.map(({ callId, state }) => ({ callId, state })),
    usage: calls.flatMap(({ usage }) => usage ?? []),
    chunks: calls.filter((call) => !owner.stream.hasAnnounced(call)).map(toolEnd),
  };
}
