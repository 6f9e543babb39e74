import type { ModelMode, RefusedOutput, StepVerdict } from '../../session/snapshot.ts';

type NeedsOutput = Extract<StepVerdict, { is: 'needs-output' }>;

/** The verdict over a step that is no end of an agent that owes an output: it must finish now. Misses count where it had to before. */
export function needsOutput(before: StepVerdict, mode: ModelMode, refused = refusedBefore(before)): NeedsOutput {
  const misses = (before.is === 'needs-output' ? before.misses : 0) + (mode === 'forced' ? 1 : 0);
  return { is: 'needs-output', misses, ...(refused && { refused }) };
}

/** The last output that was refused before this step, as far as the verdict knows. */
export function refusedBefore(before: StepVerdict): RefusedOutput | undefined {
  return before.is === 'continue' || before.is === 'needs-output' ? before.refused : undefined;
}
