import { isResting } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { isSameHold, loadHeld, type HeldSessionParts } from '../lease/held-session.ts';
import type { HolderLease } from '../lease/holder-lease.ts';

/** The first pause before a session that moves no further is driven again, and the longest. */
const pause = { firstMs: 1_000, longestMs: 60_000 };

/** What a drive came to: the session as it leaves it, and what the run failed by where its end could not be written. */
export interface Drive {
  readonly left: SessionSnapshot;
  readonly unended?: unknown;
}

/**
 * An owner that let go, while its lease did not end, may own the session still: then nobody else will take it up. It is driven
 * again for as long as it is the same run under this lease; where it moves no further, after a pause. `drive` is told what the
 * drive before came to. Resolves with the session as it is left.
 */
export async function driveWhileHeld(
  parts: HeldSessionParts,
  lease: HolderLease,
  session: SessionSnapshot,
  drive: (session: SessionSnapshot, before?: Drive) => Promise<Drive>,
): Promise<SessionSnapshot> {
  let from = session;
  let last = await drive(from);
  for (let pauseMs = 0; !isResting(last.left);) {
    const { left } = last;
    // At once: somebody may wait for whoever has the session now.
    let held = await sameRun(parts, left, lease);
    pauseMs = left.version > from.version ? 0 : Math.min(pause.longestMs, Math.max(pause.firstMs, 2 * pauseMs));
    if (held && pauseMs > 0) {
      await parts.ports.clock.sleep(pauseMs, lease.ending).catch(() => {});
      held = await sameRun(parts, left, lease);
    }
    if (!held) return left;
    from = held;
    last = await drive(from, last);
  }
  return last.left;
}

/** The same run of the same session: one that was deleted may be made anew under its id, and driven here beside. */
async function sameRun(
  parts: HeldSessionParts,
  before: SessionSnapshot,
  lease: HolderLease,
): Promise<SessionSnapshot | null> {
  const held = await loadHeld(parts, before.sessionId, lease);
  return held && isSameHold(held, before) ? held : null;
}
