/** The wait of a run that was taken over too often: a person must look. */
export function operatorWaitId(runId: string): string {
  return `operator-${runId}`;
}

/** The wait of a run that used up its tokens: a person must grant more. */
export function budgetWaitId(runId: string): string {
  return `budget-${runId}`;
}
