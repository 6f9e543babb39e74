import type { RunOutcome, RunRecord } from './run.ts';
import type { WaitKind, WaitRecord } from './wait.ts';

/** Status of a run as callers see it. */
export type RunStatus =
  | 'running'
  | 'completed'
  | 'failed'
  | 'interrupted'
  | 'suspended_client_tool'
  | 'suspended_awaiting_children'
  | 'suspended_step_partial';

const ended: Record<RunOutcome, RunStatus> = {
  completed: 'completed',
  failed: 'failed',
  interrupted: 'interrupted',
  aborted: 'failed',
};

const suspended: Record<WaitKind, RunStatus> = {
  'client-tool': 'suspended_client_tool',
  approval: 'suspended_client_tool',
  child: 'suspended_awaiting_children',
  timer: 'suspended_step_partial',
  input: 'suspended_step_partial',
  budget: 'suspended_step_partial',
  operator: 'suspended_step_partial',
};

/** The one table from phases and waits to statuses. A person who must act comes before children and timers. */
export function statusOf(run: RunRecord, waits: readonly WaitRecord[]): RunStatus {
  const { phase } = run;
  if (phase.at === 'ended') return ended[phase.outcome];
  if (phase.at !== 'parked') return 'running';
  const statuses = waits.filter((wait) => phase.on.includes(wait.waitId)).map((wait) => suspended[wait.kind]);
  const firstOf: readonly RunStatus[] = ['suspended_client_tool', 'suspended_awaiting_children'];
  return firstOf.find((status) => statuses.includes(status)) ?? 'suspended_step_partial';
}
