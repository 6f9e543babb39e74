import { retryAfterMsOf, type LLMGenerateInput, type StepResult } from '../../contracts/llm-adapter.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { setSpan, withinSpan } from '../../ports/spans.ts';
import type { MessageRecord } from '../../session/message.ts';
import type { ModelMode } from '../../session/snapshot.ts';
import type { TokenUsage, UsageEntry } from '../../session/usage.ts';
import { isLeaseLost, stopped } from '../owner/cut.ts';
import { join, type Draft } from '../owner/draft.ts';
import { HookedState } from '../owner/hook-runner.ts';
import { newMessage } from '../owner/messages.ts';
import type { Owner } from '../owner/owner.ts';
import { toolSpecs } from '../tools/tool-specs.ts';
import { backoffMs } from './backoff.ts';
import { inOrder, type CallNames } from './call-names.ts';
import { chatSpan, saidOf } from './chat-span.ts';
import { countedTokens } from './counted-tokens.ts';
import { guide, withGuidance } from './guidance.ts';
import { Heard } from './heard.ts';
import { mustBeReply } from './must-be-reply.ts';
import { planReply, type ModelCall } from './plan-reply.ts';
import { systemPromptOf } from './system-prompt.ts';

/** A model call that is under way, and what there is of it where a stop cuts it. */
interface Attempt {
  readonly call: ModelCall;
  readonly heard: Heard;
  /** What hooks make of the state meanwhile. */
  readonly state: HookedState;
  /** What was used, once the model has answered. */
  spent: Draft;
}

/** One model call, from the hooks before it to what its reply, failure or interruption leaves in the record. */
export async function callModel(owner: Owner, { mode, step, attempt }: ModelCall): Promise<Draft> {
  owner.beginAttempt({ step, attempt });
  const made: Attempt = {
    // Not the decision itself: the record of the reply holds this, and a decision's kind is no part of that.
    call: { mode, step, attempt },
    heard: new Heard(owner),
    state: new HookedState(owner.session.state),
    spent: {},
  };
  try {
    return await askAndPlan(owner, made);
  } catch (thrown) {
    if (isLeaseLost(thrown)) throw thrown;
    return failureUnlessCut(owner, made, HelixError.from(thrown, 'framework_internal'));
  }
}

async function askAndPlan(owner: Owner, made: Attempt): Promise<Draft> {
  const { call, heard, state } = made;
  const known = owner.transcript.upTo(owner.session.messageCount);
  const messages = known instanceof Promise ? await known : known;
  const guidance = guide(owner, call, messages.at(-1));
  const input = requestOf(owner, call.mode, withGuidance(messages, guidance, owner.session.messageCount), heard);
  if (owner.hooks.any) await tellBefore(owner, call, input, state);
  const safe = owner.untilSafe();
  if (safe) await safe;
  if (owner.cut() === 'stopped') return {};
  const startedAt = owner.parts.ports.clock.monotonic();
  const result = await ask(owner, call, input);
  heard.end();
  const durationMs = Math.round(owner.parts.ports.clock.monotonic() - startedAt);
  made.spent = usageOf(owner, call, result === stopped ? {} : result, durationMs);
  if (result === stopped) return interrupted(owner, made);
  if (result.type === 'error') return failureUnlessCut(owner, made, modelError(result.error));
  heard.tellWhole(result);
  const { step, attempt } = call;
  if (owner.hooks.any) await owner.hooks.call('afterLLMCall', { step, attempt, result, durationMs }, state);
  const planned = planReply(owner, call, renamed(result, heard.names), state);
  const reply = join(planned instanceof Promise ? await planned : planned, made.spent);
  return guidance.length > 0 ? join({ messages: guidance }, reply) : reply;
}

function requestOf(owner: Owner, mode: ModelMode, messages: readonly MessageRecord[], heard: Heard): LLMGenerateInput {
  const { session, parts } = owner;
  const { agent } = parts;
  return {
    system: session.systemPrompt ?? systemPromptOf(agent, session.state),
    messages,
    tools: toolSpecs(agent, mode),
    toolChoice: mode === 'forced' ? 'required' : 'auto',
    config: agent.llmConfig,
    abortSignal: owner.signal,
    callbacks: heard,
    agentId: session.sessionId,
    agentType: session.agentType,
  };
}

async function tellBefore(
  { hooks, run, session }: Owner,
  { step, attempt }: ModelCall,
  { messages, tools }: LLMGenerateInput,
  state: HookedState,
): Promise<void> {
  if (step === 1 && attempt === 1)
    await hooks.call('onAgentStart', { turn: run.turn, initialState: session.state }, state);
  if (attempt === 1) await hooks.call('onStepStart', { step }, state);
  await hooks.call('beforeLLMCall', { step, attempt, messages, tools }, state);
}

/** A stop does not wait for a model that does not listen to its signal. The one place where a throw is the provider's failure. */
async function ask(owner: Owner, call: ModelCall, input: LLMGenerateInput): Promise<StepResult | typeof stopped> {
  const span = chatSpan(owner, call);
  let failed: unknown;
  try {
    owner.reached('model-call:before');
    const asked = withinSpan(span, () => Promise.resolve(owner.parts.llm.generateStep(input)));
    const result = await owner.unlessStopped(asked);
    owner.reached('model-call:after');
    if (result === stopped) return result;
    mustBeReply(result);
    setSpan(span, () => saidOf(result));
    if (result.type === 'error') failed = result.error;
    return result;
  } catch (thrown) {
    const error = modelError(thrown);
    failed = error;
    owner.cut();
    return { type: 'error', error };
  } finally {
    span.end(failed);
  }
}

/** An adapter says of a failure of its provider whether it may pass. Anything else is a fault of a program, and stays one. */
function modelError(thrown: unknown): HelixError {
  if (HelixError.is(thrown)) return thrown;
  const { message } = HelixError.from(thrown, 'provider_error');
  return new HelixError('provider_error', message, { cause: thrown, retryable: false });
}

/** What the user saw before the stop stays in the history, flagged. */
function interrupted(owner: Owner, { call: { step }, heard: { text }, spent }: Attempt): Draft {
  if (text === '') return spent;
  const message = newMessage(owner, 'assistant', [{ type: 'text', text }], step);
  return join({ messages: [{ ...message, interrupted: true }] }, spent);
}

/** How a model or a hook fails that listens to the signal of a stop is no failure. */
function failureUnlessCut(owner: Owner, made: Attempt, error: HelixError): Draft {
  return owner.cut() === 'stopped' ? interrupted(owner, made) : failure(owner, made, error);
}

/** What hooks before the failure made of the state stays: some of them are not called again. */
function failure(owner: Owner, { call, state: { operations }, spent }: Attempt, error: HelixError): Draft {
  const { limits, random } = owner.parts.ports;
  const repeats = mayRepeat(owner, call, error);
  const waitMs = repeats ? backoffMs(limits, random, { attempt: call.attempt, error }) : null;
  const retryAt = waitMs === null ? null : owner.now + waitMs;
  if (waitMs !== null) logRepeated(owner, call, error, waitMs);
  const step = { op: 'failed', ...call, error: error.toDetail(), retryAt } as const;
  if (operations.length === 0) return join({ head: { step } }, spent);
  return join({ head: { state: operations, step }, chunks: [{ type: 'state_patch', operations }] }, spent);
}

/** A run that waits for its provider shows nothing else of it; one that ends by it is logged as it ends. */
function logRepeated({ session, run, parts }: Owner, call: ModelCall, error: HelixError, waitMs: number): void {
  const { step, attempt } = call;
  const place = { sessionId: session.sessionId, runId: run.runId, step, attempt };
  parts.ports.logger.log('warn', 'a model call failed; it is made again', { ...place, waitMs, error });
}

function mayRepeat({ parts: { agent, ports } }: Owner, { attempt }: ModelCall, error: HelixError): boolean {
  const asked = retryAfterMsOf(error.details) ?? 0;
  return error.retryable && attempt <= (agent.llmConfig.maxRetries ?? 3) && asked <= ports.limits.maxRetryAfterMs;
}

/** Every call that was made is counted; of one that failed or was cut, the provider may not have said what it cost. */
function usageOf(
  owner: Owner,
  { step, attempt }: ModelCall,
  { model, usage }: { readonly model?: string | undefined; readonly usage?: TokenUsage | undefined },
  durationMs: number,
): Draft {
  const { tokens, unfit } = countedTokens(usage);
  if (unfit.length > 0)
    owner.parts.ports.logger.log('warn', 'the model counted tokens in what is no number', { unfit });
  const place = { runId: owner.run.runId, step, attempt, at: owner.parts.ports.clock.now() };
  const entry: UsageEntry = {
    v: 1,
    kind: 'tokens',
    ...place,
    ...(model !== undefined && { model }),
    tokens,
    durationMs,
  };
  return { usage: [entry] };
}

function renamed(
  result: Exclude<StepResult, { type: 'error' }>,
  names: CallNames,
): Exclude<StepResult, { type: 'error' }> {
  if (result.type !== 'tool_calls') return result;
  const [nameOfCall, nameOfPart] = [inOrder(names), inOrder(names)];
  const toolCalls = result.toolCalls.map((request) => ({ ...request, id: nameOfCall(request.id) }));
  const parts = result.parts?.map((part) =>
    part.type === 'tool-call' ? { ...part, toolCallId: nameOfPart(part.toolCallId) } : part,
  );
  return { ...result, toolCalls, ...(parts && { parts }) };
}
