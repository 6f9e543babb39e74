import { andThen } from '../../and-then.ts';
import type { StopReason } from '../../contracts/llm-adapter.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord } from '../../session/call.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import type { StepChange } from '../../session/commit.ts';
import type { MessagePart, NewMessage } from '../../session/message.ts';
import type { UnusualStop } from '../../session/run.ts';
import type { ModelMode, StepVerdict } from '../../session/snapshot.ts';
import type { Draft } from '../owner/draft.ts';
import type { HookedState } from '../owner/hook-runner.ts';
import { newMessage } from '../owner/messages.ts';
import { needsOutput } from '../owner/needs-output.ts';
import type { Owner } from '../owner/owner.ts';
import { planCalls } from '../tools/plan-calls.ts';
import { replyParts, type Reply } from './reply-parts.ts';

/** Which model call a reply answers. */
export interface ModelCall {
  readonly mode: ModelMode;
  readonly step: number;
  readonly attempt: number;
}

/** What a reply leaves in the record: its message, its calls, and where it has none or none that can run, the step's end. */
export function planReply(owner: Owner, call: ModelCall, reply: Reply, state: HookedState): Draft | Promise<Draft> {
  const requests = reply.type === 'tool_calls' ? reply.toolCalls : [];
  return andThen(planCalls(owner, requests, call.mode, refusalOf(reply)), (calls) => {
    const message = newMessage(owner, 'assistant', withInputs(replyParts(reply), calls), call.step);
    const told = owner.hooks.any ? tellHooks(owner, message, call, calls, state) : undefined;
    const base = { op: 'reply', ...call, calls } as const;
    return andThen(told, () => {
      if (calls.length > 0) return toDraft(message, base, state, calls.map(toolStart));
      const verdict = verdictOfText(owner, call.mode, reply);
      return toDraft(message, { ...base, verdict }, state, [{ type: 'step_end' }]);
    });
  });
}

/** A reply without calls is the end of its step. */
async function tellHooks(
  { hooks }: Owner,
  message: NewMessage,
  { step }: ModelCall,
  calls: readonly CallRecord[],
  state: HookedState,
): Promise<void> {
  await hooks.call('onMessage', { message }, state);
  if (calls.length === 0) await hooks.call('onStepEnd', { step }, state);
}

function toDraft(
  message: NewMessage,
  step: StepChange,
  { operations }: HookedState,
  chunks: readonly ChunkBody[],
): Draft {
  if (operations.length === 0) return { messages: [message], head: { step }, chunks };
  return {
    messages: [message],
    head: { state: operations, step },
    chunks: [{ type: 'state_patch', operations }, ...chunks],
  };
}

function toolStart({ callId, toolName, input }: CallRecord): ChunkBody {
  return { type: 'tool_start', toolCallId: callId, toolName, arguments: input };
}

/** A reply without calls ends the turn, unless the agent owes a typed output or the adapter says that more is to come. */
function verdictOfText(owner: Owner, mode: ModelMode, reply: Reply): StepVerdict {
  const refusal = refusalOf(reply);
  if (refusal) return { is: 'broken', error: refusal.toDetail() };
  if (mode === 'compact' || (reply.type === 'text' && reply.shouldStop === false)) return { is: 'continue' };
  if (owner.parts.agent.policy.owesOutput) return needsOutput(owner.session.verdict, mode);
  const { content: output = '', stopReason } = reply;
  return { is: 'done', reason: 'reply', output, ...(isUnusual(stopReason) && { stopReason }) };
}

function isUnusual(stopReason: StopReason | undefined): stopReason is UnusualStop {
  return stopReason === 'max_tokens' || stopReason === 'other';
}

/** What the model said then stays in the transcript, but it is no answer, and nothing that it asks for is done. */
function refusalOf({ stopReason }: Reply): HelixError | null {
  if (stopReason !== 'refusal' && stopReason !== 'content_filter') return null;
  return new HelixError('provider_refused', `the model stopped with ${stopReason}`);
}

/** The message says what the ledger says: arguments that were refused as too large or malformed are not kept. */
function withInputs(parts: readonly MessagePart[], calls: readonly CallRecord[]): MessagePart[] {
  return parts.map((part) => {
    if (part.type !== 'tool-call') return part;
    return { ...part, input: calls.find(({ callId }) => callId === part.toolCallId)?.input ?? null };
  });
}
