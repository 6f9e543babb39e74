import { HelixError, type ErrorDetail } from '../../errors/helix-error.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import type { InboxItem } from '../../session/inbox.ts';
import type { RunEnd } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { Decision } from '../decide/decision.ts';
import type { Draft } from '../owner/draft.ts';
import type { Owner } from '../owner/owner.ts';

type End = Extract<Decision, { kind: 'end' }>;

/** The one commit that ends a run. Readers derive the end of the stream from it; the log and hooks hear of it when it has landed. */
export function endRun(owner: Owner, session: SessionSnapshot, decision: End): Draft {
  const end = toEnd(owner, session, decision);
  const stops = session.unread.filter(({ item }) => item.kind === 'stop').map(({ seq }) => seq);
  const chunk = lastChunk(end);
  return {
    run: end,
    ...(stops.length > 0 && { head: { consumes: stops } }),
    ...(chunk && { chunks: [chunk] }),
    afterwards: [() => tellEnd(owner, end)],
  };
}

function toEnd(owner: Owner, session: SessionSnapshot, { outcome, cause }: End): RunEnd {
  const { verdict } = session;
  const { output, stopReason } = outcome === 'completed' && verdict.is === 'done' ? verdict : {};
  const error = errorOf(session, outcome, cause);
  const endedAt = owner.parts.ports.clock.now();
  return {
    op: 'end',
    outcome,
    reason: cause.reason,
    endedAt,
    ...(output !== undefined && { output }),
    ...(stopReason && { stopReason }),
    ...(error && { error }),
  };
}

function errorOf(
  session: SessionSnapshot,
  outcome: RunEnd['outcome'],
  { code }: End['cause'],
): ErrorDetail | undefined {
  if (outcome === 'aborted') return new HelixError('framework_cancelled', abortReason(session)).toDetail();
  if (outcome !== 'failed') return undefined;
  if (code) return new HelixError(code, limitMessage(session, code)).toDetail();
  if (session.step?.at === 'failed') return session.step.error;
  if (session.verdict.is === 'broken') return session.verdict.error;
  return new HelixError('framework_internal', 'the run failed without a recorded cause').toDetail();
}

function limitMessage({ run, verdict }: SessionSnapshot, code: string): string {
  if (code === 'framework_max_steps') return `the run used its ${run?.stepCount ?? 0} steps without an end`;
  const refused = verdict.is === 'needs-output' ? verdict.refused : undefined;
  return `the model gave no valid output, also when it had to${refused ? `; its last one was refused: ${refused.message}` : ''}`;
}

function abortReason({ unread, run }: SessionSnapshot): string {
  const isAbort = (item: InboxItem) => item.kind === 'stop' && item.stop === 'abort' && item.runId === run?.runId;
  const item = unread.find((entry) => isAbort(entry.item))?.item;
  return (item?.kind === 'stop' ? item.reason : undefined) ?? 'the run was aborted';
}

function lastChunk({ outcome, output, error }: RunEnd): ChunkBody | undefined {
  if (outcome === 'completed' && output !== undefined) return { type: 'output', output };
  return outcome === 'failed' && error ? { type: 'error', error } : undefined;
}

async function tellEnd(owner: Owner, { outcome, output, error, endedAt }: RunEnd): Promise<void> {
  const { run, state } = owner.session;
  const stepCount = run?.stepCount ?? 0;
  const durationMs = endedAt - (run?.startedAt ?? endedAt);
  if (outcome === 'failed' && error) logFailure(owner, error);
  if (outcome === 'completed')
    await owner.hooks.tell('onAgentComplete', { output: output ?? null, finalState: state, stepCount, durationMs });
  if (error) await owner.hooks.tell('onAgentFail', { error, stepCount, durationMs });
}

/** The one line about a run that failed: readers of it are told no details. At fault are our side, or what it was given. */
function logFailure({ session: { sessionId, run }, parts }: Owner, detail: ErrorDetail): void {
  const error = HelixError.fromDetail(detail);
  const { code, statusCode } = error;
  const level = statusCode >= 500 ? 'error' : 'warn';
  parts.ports.logger.log(level, 'a run failed', { sessionId, runId: run?.runId, code, error });
}
