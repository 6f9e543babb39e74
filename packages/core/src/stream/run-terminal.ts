import { HelixError } from '../errors/helix-error.ts';
import type { RunPhase, RunRecord } from '../session/run.ts';
import { failFrame, type StreamFrame } from './stream-frame.ts';

/** The frame with which the stream of a run ends, read from the record (S9); null while the run goes on by itself. */
export function runTerminal({ runId, phase }: RunRecord): StreamFrame | null {
  if (phase.at === 'ended') return endFrame(runId, phase);
  // A run that waits for nobody is between two attempts, and goes on by itself.
  return phase.at === 'parked' && phase.on.length > 0 ? { type: 'end', status: 'paused' } : null;
}

function endFrame(runId: string, end: Extract<RunPhase, { at: 'ended' }>): StreamFrame {
  const { outcome, output, stopReason, error } = end;
  if (outcome === 'completed')
    return {
      type: 'end',
      status: 'completed',
      ...(output !== undefined && { output }),
      ...(stopReason && { stopReason }),
    };
  if (outcome === 'interrupted') return { type: 'end', status: 'interrupted' };
  const why = outcome === 'aborted' ? 'framework_cancelled' : 'framework_internal';
  return failFrame(error ?? new HelixError(why, `run ${runId} ${outcome}`).toDetail(), false);
}
