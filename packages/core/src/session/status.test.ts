// Would catch: a caller that is told to wait for nobody, or not told that it must act.
import { expect, it } from 'vitest';
import type { RunPhase, RunRecord } from './run.ts';
import { statusOf, type RunStatus } from './status.ts';
import type { WaitKind, WaitRecord } from './wait.ts';

const run = (phase: RunPhase) => ({ phase }) as RunRecord;
const waits = (...kinds: WaitKind[]): WaitRecord[] =>
  kinds.map((kind) => ({ v: 1, waitId: kind, kind, generation: 0, runId: 'r' }));
const parked = (...on: string[]): RunPhase => ({ at: 'parked', on });
const ended = (outcome: 'completed' | 'failed' | 'interrupted' | 'aborted'): RunPhase => {
  return { at: 'ended', outcome, reason: 'reply', endedAt: 1 };
};

it.each<[RunPhase, WaitRecord[], RunStatus]>([
  [{ at: 'queued' }, [], 'running'],
  [{ at: 'running', holderId: 'h' }, waits('approval'), 'running'],
  [ended('completed'), [], 'completed'],
  [ended('failed'), [], 'failed'],
  [ended('interrupted'), waits('approval'), 'interrupted'],
  [ended('aborted'), [], 'failed'],
  [parked('approval'), waits('approval'), 'suspended_client_tool'],
  [parked('client-tool'), waits('client-tool'), 'suspended_client_tool'],
  [parked('child'), waits('child'), 'suspended_awaiting_children'],
  [parked('timer'), waits('timer'), 'suspended_step_partial'],
  [parked('input'), waits('input'), 'suspended_step_partial'],
  [parked('budget'), waits('budget'), 'suspended_step_partial'],
  [parked('operator'), waits('operator'), 'suspended_step_partial'],
  [parked('child', 'timer'), waits('timer', 'child'), 'suspended_awaiting_children'],
  [parked('child', 'approval'), waits('child', 'approval'), 'suspended_client_tool'],
  [parked('timer'), waits('approval', 'timer'), 'suspended_step_partial'],
  [parked(), [], 'suspended_step_partial'],
])('the status of %j with %j is %s', (phase, open, status) => {
  expect(statusOf(run(phase), open)).toBe(status);
});
