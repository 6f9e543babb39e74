import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { WaitKind } from '../../session/wait.ts';

/**
 * The wait of a run that was taken over too often: a person must look. The open one, or what the next one will be called: an
 * answer is told from a repetition by the wait that it names, so no name is used twice.
 */
export function operatorWaitId(session: SessionSnapshot): string {
  return waitIdOf(session, 'operator');
}

/** The wait of a run that used up its tokens: a person must grant more. Named as {@link operatorWaitId}. */
export function budgetWaitId(session: SessionSnapshot): string {
  return waitIdOf(session, 'budget');
}

/** The kind of a wait that no call opened. */
export function kindOfWait(waitId: string): WaitKind {
  return waitId.startsWith('budget-') ? 'budget' : 'operator';
}

function waitIdOf({ waits, run, version }: SessionSnapshot, kind: 'operator' | 'budget'): string {
  return waits.find((wait) => wait.kind === kind)?.waitId ?? `${kind}-${run?.runId ?? ''}-${version}`;
}
