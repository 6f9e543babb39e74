/**
 * What happens next in a session: the most important function of the product.
 *
 * Pure and total. It reads the head and the open step, never the history, so its cost does not grow with the session. Verdicts
 * of user code (schemas, `stopWhen`, hooks) are recorded by whoever ran it; here they are only read.
 *
 * Every state has an exit: a fold shrinks what is unread or unfolded, a dispatch or model call raises (step, attempt, sent), and
 * a park names a wait or a time.
 */
import type { AgentPolicy } from '../../agent/agent-policy.ts';
import { isFinal, type CallRecord } from '../../session/call.ts';
import { isLive, type RunRecord } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { answersToOpenWaits, unansweredTimeouts } from './answers.ts';
import { maxNews, type Decision, type Fact } from './decision.ts';
import { areOver, runnableCalls } from './runnable-calls.ts';
import { budgetWaitId, operatorWaitId } from './wait-ids.ts';

interface Situation {
  readonly session: SessionSnapshot;
  readonly run: RunRecord;
  readonly calls: readonly CallRecord[];
  readonly policy: AgentPolicy;
  readonly now: number;
}

type Phase = (situation: Situation) => Decision | undefined;

/** First match wins. */
const phases: readonly Phase[] = [
  stopped,
  exhausted,
  lostEffects,
  factsWaiting,
  runnable,
  stillOpen,
  failedReply,
  news,
  finished,
  limits,
];

/** The next decision. A run that is over ends as it ended: a repeated decision does no harm. */
export function decide(session: SessionSnapshot, policy: AgentPolicy, now: number): Decision {
  const { run, step } = session;
  if (!isLive(run)) return ended(run);
  const situation = { session, run, policy, now, calls: step?.at === 'calls' ? step.calls : [] };
  for (const phase of phases) {
    const decision = phase(situation);
    if (decision) return decision;
  }
  return { kind: 'call-model', mode: 'normal', step: run.stepCount + 1, attempt: 1 };
}

function ended(run: RunRecord | null): Decision {
  const phase = run?.phase;
  if (phase?.at !== 'ended') return { kind: 'end', outcome: 'aborted', cause: { reason: 'superseded' } };
  return { kind: 'end', outcome: phase.outcome, cause: { reason: phase.reason } };
}

function stopped({ session, run }: Situation): Decision | undefined {
  const stops = session.unread.filter(({ item }) => item.kind === 'stop' && item.runId === run.runId);
  const stop = stops.find(({ item }) => item.kind === 'stop' && item.stop === 'abort') ?? stops[0];
  if (stop?.item.kind !== 'stop') return undefined;
  const open = session.step?.at === 'calls' || session.waits.length > 0 || session.children.length > 0;
  if (open) return fold({ fact: 'stop', seq: stop.seq });
  return { kind: 'end', outcome: stop.item.stop === 'abort' ? 'aborted' : 'interrupted', cause: { reason: 'stop' } };
}

function exhausted({ session, run, policy }: Situation): Decision | undefined {
  if (run.takeovers < policy.maxTakeovers) return undefined;
  const waitId = operatorWaitId(session);
  const answer = answersToOpenWaits(session).find((fact) => fact.waitId === waitId);
  return answer ? fold(answer) : { kind: 'park', on: [waitId] };
}

/** Nobody decides while a unit that holds a claim is alive, so whoever sent these is gone. */
function lostEffects({ calls }: Situation): Decision | undefined {
  const lost = calls.filter((call) => call.state.at === 'sent');
  return lost.length > 0 ? { kind: 'reconcile', calls: lost.map((call) => call.callId) } : undefined;
}

function factsWaiting({ session, calls, now }: Situation): Decision | undefined {
  const facts: Fact[] = [...answersToOpenWaits(session), ...unansweredTimeouts(session, now)];
  if (areOver(calls)) facts.push({ fact: 'results' });
  return facts.length > 0 ? { kind: 'fold', facts } : undefined;
}

function runnable({ calls, policy }: Situation): Decision | undefined {
  const chosen = runnableCalls(calls, policy.sequential);
  if (chosen.length === 0) return undefined;
  const ids = (children: boolean) =>
    chosen.filter((call) => (call.kind === 'child') === children).map((call) => call.callId);
  return { kind: 'dispatch', tools: ids(false), children: ids(true) };
}

function stillOpen({ session, calls }: Situation): Decision | undefined {
  const on = calls.flatMap(({ state, gate }) => (!isFinal(state) && gate.at === 'closed' ? [gate.waitId] : []));
  if (on.length === 0) return undefined;
  const deadlines = session.waits.flatMap(({ deadline }) => deadline ?? []);
  return { kind: 'park', on, ...(deadlines.length > 0 && { wakeAt: Math.min(...deadlines) }) };
}

function failedReply({ session: { step }, now }: Situation): Decision | undefined {
  if (step?.at !== 'failed') return undefined;
  if (step.retryAt === null) return { kind: 'end', outcome: 'failed', cause: { reason: 'error' } };
  if (step.retryAt > now) return { kind: 'park', on: [], wakeAt: step.retryAt };
  return { kind: 'call-model', mode: step.mode, step: step.step, attempt: step.attempt + 1 };
}

/** No call is open, so a message cannot come between a call and its result. After the last step it is for the next run. */
function news({ session: { unread, verdict }, run, policy }: Situation): Decision | undefined {
  if (verdict.is === 'broken' || unread.length === 0) return undefined;
  const stays = verdict.is === 'done' && run.stepCount >= policy.maxSteps && ({ verdictStays: true } as const);
  return { kind: 'fold', facts: unread.slice(0, maxNews).map(({ seq }) => ({ fact: 'news', seq, ...stays })) };
}

function finished({ session: { verdict } }: Situation): Decision | undefined {
  if (verdict.is === 'done') return { kind: 'end', outcome: 'completed', cause: { reason: verdict.reason } };
  return verdict.is === 'broken' ? { kind: 'end', outcome: 'failed', cause: { reason: 'error' } } : undefined;
}

function limits({ session, run, policy }: Situation): Decision | undefined {
  const { verdict, usage, extraTokens, contextTokens } = session;
  const { maxSteps, owesOutput, maxMisses, tokenBudget, compactAboveTokens } = policy;
  const spent = run.stepCount >= maxSteps;
  const step = run.stepCount + 1;
  if (verdict.is === 'needs-output' && verdict.misses >= maxMisses) return failed('framework_output_missing');
  if (spent && !owesOutput) return failed('framework_max_steps');
  if (tokenBudget !== null && usage.tokens.total >= tokenBudget + extraTokens) {
    return { kind: 'park', on: [budgetWaitId(session)] };
  }
  if (compactAboveTokens !== null && contextTokens > compactAboveTokens)
    return { kind: 'call-model', mode: 'compact', step, attempt: 1 };
  if (spent || verdict.is === 'needs-output') return { kind: 'call-model', mode: 'forced', step, attempt: 1 };
  return owesOutput && step === maxSteps ? { kind: 'call-model', mode: 'final-step', step, attempt: 1 } : undefined;
}

function fold(fact: Fact): Decision {
  return { kind: 'fold', facts: [fact] };
}

function failed(code: 'framework_output_missing' | 'framework_max_steps'): Decision {
  return {
    kind: 'end',
    outcome: 'failed',
    cause: { reason: code === 'framework_max_steps' ? 'max_steps' : 'error', code },
  };
}
