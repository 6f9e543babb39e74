import { andThen } from '../../and-then.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { CallRecord } from '../../session/call.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import type { NewMessage } from '../../session/message.ts';
import type { StepVerdict } from '../../session/snapshot.ts';
import type { PatchOperation } from '../../state/patch.ts';
import type { Json } from '../../values/json.ts';
import type { Closing } from '../owner/closing.ts';
import { wasLeftBehind } from '../owner/cut.ts';
import type { Draft } from '../owner/draft.ts';
import { HookedState } from '../owner/hook-runner.ts';
import { resultMessage } from '../owner/messages.ts';
import { outcomeOf } from '../../session/outcome-of.ts';
import type { Owner } from '../owner/owner.ts';
import { toolEnd } from '../owner/told-ends.ts';
import { mergeCalls, type MergedCalls } from '../tools/merge-calls.ts';
import { judgeStep } from './judge-step.ts';

/**
 * The barrier of a step: every call has its outcome, so the results go into the transcript and the writes into the state, in
 * call order, and the judges say what the step came to. A hook, judge or reducer that throws breaks the run; the results stay. Where the
 * commit was refused because outsiders wrote, the step is not closed anew: hooks hear of it once. What they say to the stream rides in
 * the draft, so that it is said again with it.
 */
export function closeStep(owner: Owner, closing: Closing, base: Json): Draft | Promise<Draft> {
  return owner.closeOnce(closing, () => close(owner, closing, base));
}

function close(owner: Owner, closing: Closing, base: Json): Draft | Promise<Draft> {
  const unmerged = (thrown: unknown) => {
    owner.cut();
    return toDraft(owner, { closing, messages: messagesOf(owner, closing), said: [] }, [], verdictOn(thrown));
  };
  try {
    const merging = mergeCalls(owner, closing.calls, base);
    if (!(merging instanceof Promise)) return closeMerged(owner, closing, merging, base);
    return merging.then((merged) => closeMerged(owner, closing, merged, base), unmerged);
  } catch (thrown) {
    return unmerged(thrown);
  }
}

function closeMerged(owner: Owner, given: Closing, merged: MergedCalls, base: Json): Draft | Promise<Draft> {
  const closing = withFitting(owner, given, merged.calls);
  const messages = messagesOf(owner, closing);
  const said = new Said(owner);
  const state = new HookedState(base);
  state.add(merged.operations);
  const end = (operations: readonly PatchOperation[], verdict: StepVerdict) =>
    toDraft(owner, { closing, messages, said: said.handOver() }, operations, verdict);
  const breakOff = (thrown: unknown) => {
    owner.cut();
    return end(merged.operations, verdictOn(thrown));
  };
  try {
    const told = owner.hooks.any ? tellHooks(owner, closing, messages, state, said.say) : undefined;
    const judged = andThen(told, () => judgeStep(owner, closing, state.value));
    if (!(judged instanceof Promise)) return end(state.operations, judged);
    return judged.then((verdict) => end(state.operations, verdict)).catch(breakOff);
  } catch (thrown) {
    return breakOff(thrown);
  }
}

/** Of a call that failed for what others wrote, the stream may have told another end: it is told again. */
function withFitting({ stream }: Owner, closing: Closing, calls: readonly CallRecord[]): Closing {
  for (const [index, call] of calls.entries()) if (call !== closing.calls[index]) stream.disown(call);
  return { ...closing, calls };
}

function messagesOf(owner: Owner, { calls, step }: Closing): readonly NewMessage[] {
  return calls.map((call) => resultMessage(owner, call, step));
}

/** What hooks say to the stream while a step closes: it goes with the draft, and what they say later by itself. */
class Said {
  readonly #owner: Owner;
  readonly #chunks: ChunkBody[] = [];
  #isOver = false;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  readonly say = (body: ChunkBody): void => {
    if (this.#isOver) this.#owner.stream.write(body);
    else this.#chunks.push(body);
  };

  handOver(): readonly ChunkBody[] {
    this.#isOver = true;
    return this.#chunks;
  }
}

function verdictOn(thrown: unknown): StepVerdict {
  if (wasLeftBehind(thrown)) return { is: 'continue' };
  return { is: 'broken', error: HelixError.from(thrown, 'framework_hook_failed').toDetail() };
}

interface Ended {
  readonly closing: Closing;
  readonly messages: readonly NewMessage[];
  readonly said: readonly ChunkBody[];
}

function toDraft(
  owner: Owner,
  { closing: { calls }, messages, said }: Ended,
  state: readonly PatchOperation[],
  verdict: StepVerdict,
): Draft {
  const untold = calls.filter((call) => !owner.stream.hasAnnounced(call)).map(toolEnd);
  const patched: ChunkBody[] = state.length > 0 ? [{ type: 'state_patch', operations: state }] : [];
  // What calls used that were settled by themselves is in no commit yet, and after this one they are forgotten.
  const usage = calls.flatMap((call) => call.usage ?? []);
  return {
    messages,
    chunks: [...said, ...untold, ...patched, { type: 'step_end' }],
    head: { step: { op: 'close', verdict }, ...(state.length > 0 && { state }) },
    ...(usage.length > 0 && { usage }),
  };
}

/** For each call in order: its state change, its message, its end. */
async function tellHooks(
  { hooks }: Owner,
  { calls, step }: Closing,
  messages: readonly NewMessage[],
  state: HookedState,
  say: (body: ChunkBody) => void,
): Promise<void> {
  for (const [index, call] of calls.entries()) {
    const operations = call.state.at === 'settled' ? (call.state.patch ?? []) : [];
    if (operations.length > 0) await hooks.call('onStateChange', { operations, state: state.value }, state, say);
    const message = messages[index];
    if (message) await hooks.call('onMessage', { message }, state, say);
    await hooks.call(
      'afterTool',
      { tool: { name: call.toolName }, toolCallId: call.callId, outcome: outcomeOf(call) },
      state,
      say,
    );
  }
  await hooks.call('onStepEnd', { step }, state, say);
}
