import type { StopWhenContext } from '../../agent/agent.ts';
import { andThen } from '../../and-then.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { messageOf } from '../../errors/message-of.ts';
import type { CallRecord } from '../../session/call.ts';
import { outcomeOf } from '../../session/outcome-of.ts';
import type { RefusedOutput, StepVerdict } from '../../session/snapshot.ts';
import type { Json } from '../../values/json.ts';
import type { Closing } from '../owner/closing.ts';
import { needsOutput, refusedBefore } from '../owner/needs-output.ts';
import type { Owner } from '../owner/owner.ts';

/** What a step whose calls are over came to: it is broken, ends the run, or the run goes on. `state` is the one after it. */
export function judgeStep(owner: Owner, closing: Closing, state: Json): StepVerdict | Promise<StepVerdict> {
  const failures = closing.calls.map(({ state: end }) => (end.at === 'failed' ? end.error : undefined));
  const error = failures.find((failure) => failure && breaking.includes(failure.code));
  if (error) return { is: 'broken', error };
  const finish = closing.calls.find((call) => call.state.at === 'settled' && call.state.finishes);
  if (finish?.state.at === 'settled') return { is: 'done', reason: 'finish', output: finish.state.result };
  const stop = stops(owner, closing, state);
  return andThen(stop, (said) => goOn(owner, closing, said));
}

/** Failures of calls that are no failure of their tool: a hook that failed, an output that no call could give, a reply that is none. */
const breaking: readonly string[] = ['framework_hook_failed', 'agent_invalid', 'provider_refused'];

function goOn(owner: Owner, closing: Closing, stop: boolean): StepVerdict {
  if (stop) return { is: 'done', reason: 'stop_when' };
  const { verdict } = owner.session;
  const refused = refusedOutput(verdict, closing);
  const { owesOutput, maxMisses } = owner.parts.agent.policy;
  const mustFinish = closing.mode === 'forced' || (owesOutput && (refused?.times ?? 0) >= maxMisses);
  return mustFinish ? needsOutput(verdict, closing.mode, refused) : { is: 'continue', ...(refused && { refused }) };
}

/** A step that did anything else may finish better next time. */
function refusedOutput(before: StepVerdict, { calls }: Closing): RefusedOutput | undefined {
  const state = calls.every(({ kind }) => kind === 'finish') ? calls.findLast(isFailed)?.state : undefined;
  if (state?.at !== 'failed') return undefined;
  return { times: (refusedBefore(before)?.times ?? 0) + 1, message: state.error.message };
}

function isFailed({ state }: CallRecord): boolean {
  return state.at === 'failed';
}

function stops(owner: Owner, { calls, step }: Closing, state: Json): boolean | Promise<boolean> {
  const { agent } = owner.parts;
  if (!agent.stopWhen) return false;
  const context: StopWhenContext<unknown> = {
    state,
    stepCount: step,
    toolCalls: calls.map((call) => ({ toolName: call.toolName, input: call.input, outcome: outcomeOf(call) })),
  };
  try {
    const verdict = agent.stopWhen(context);
    return typeof verdict === 'boolean' ? verdict : verdictOfPromise(owner, verdict);
  } catch (cause) {
    throw judgeFailed(cause);
  }
}

function verdictOfPromise(owner: Owner, verdict: Promise<boolean>): Promise<boolean> {
  const asked = Promise.resolve(verdict).catch((cause: unknown) => Promise.reject(judgeFailed(cause)));
  return owner.awaitUserCode(asked, 'stopWhen');
}

function judgeFailed(cause: unknown): HelixError {
  return new HelixError('framework_hook_failed', `stopWhen: ${messageOf(cause)}`, { cause });
}
