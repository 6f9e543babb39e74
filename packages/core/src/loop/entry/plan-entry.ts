import type { Agent } from '../../agent/agent.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { Fence, HeadPatch, SessionCommit, SessionCreate } from '../../session/commit.ts';
import type { MessagePart, NewMessage } from '../../session/message.ts';
import type { RunEntry, RunStart } from '../../session/run.ts';
import type { SessionIdentity, SessionSnapshot } from '../../session/snapshot.ts';
import { newStreamId } from '../../session/stream-id.ts';
import { applyPatch, type PatchOperation } from '../../state/patch.ts';
import type { JsonObject } from '../../values/json.ts';
import { jsonBytesAbove } from '../../values/size.ts';
import { systemPromptOf } from '../model/system-prompt.ts';
import type { Draft } from '../owner/draft.ts';
import { completeState, initialState } from '../owner/complete-state.ts';

/** What begins a run. */
export interface EntryRequest {
  readonly entry: RunEntry;
  readonly sessionId: string;
  readonly agent: Agent;
  readonly runtime: string;
  /** The run begins owned by this holder; without it, queued. */
  readonly holderId?: string;
  readonly message?: UserMessage;
  /** Top-level fields of the custom state to set. */
  readonly state?: JsonObject;
  /** Who the session is about; written where the entry makes it. A `userId` must be the one that it was made with. */
  readonly identity?: SessionIdentity;
}

/** A user's message. The id is the key of the turn: the same id never makes two. */
export interface UserMessage {
  readonly id: string;
  readonly parts: readonly MessagePart[];
}

/**
 * The commit that begins a run. `session` is null where the session is to be made. `ending` is what the entry does first to a
 * run that is still open: it ends with it, in the same commit.
 *
 * @throws HelixError `input_invalid`, `input_too_large`, `agent_invalid`, `agent_mismatch`, `state_session_not_found` for a session of another
 *   user: nothing was written
 */
export async function planEntry(
  session: SessionSnapshot | null,
  request: EntryRequest,
  ports: RuntimePorts,
  ending?: Draft,
): Promise<SessionCommit & { readonly run: RunStart }> {
  const { agent, message } = request;
  if (session) checkUser(session, request.identity);
  if (session) checkAgent(session, agent);
  if (message) checkMessage(message, ports);
  const at = ports.clock.now();
  const run = startRun(session, request, ports, ending);
  // The step that it closes is gone with its run.
  const { chunks: _, afterwards: __, head: written, ...first } = ending ?? {};
  const head = await headOf(session, request, run.runId, written?.state ?? []);
  const messages: NewMessage[] = [
    ...(first.messages ?? []),
    ...(message ? [{ v: 1 as const, ...message, role: 'user' as const, runId: run.runId, createdAt: at }] : []),
  ];
  return {
    ...first,
    v: 1,
    token: ports.ids.next('cmt'),
    at,
    fence: entryFence(session),
    run,
    ...(Object.keys(head).length > 0 && { head }),
    ...(messages.length > 0 && { messages }),
  };
}

/** The session that is made, or what changes in its state, behind what was written before. */
async function headOf(
  session: SessionSnapshot | null,
  request: EntryRequest,
  runId: string,
  written: readonly PatchOperation[],
): Promise<HeadPatch> {
  if (!session) return { create: await makeSession(request, runId) };
  const fields = await completeState(request.agent, applyPatch(session.state, written), request.state);
  const state = [...written, ...fields];
  return state.length > 0 ? { state } : {};
}

/**
 * Refuses somebody else's session as one that does not exist. Judged over what the commit is fenced by: of two users who make one
 * session at once, the second does not get into it.
 *
 * @throws HelixError `state_session_not_found`
 */
export function checkUser(
  { sessionId, identity }: Pick<SessionSnapshot, 'sessionId' | 'identity'>,
  asking: SessionIdentity | undefined,
): void {
  const userId = asking?.userId;
  if (userId === undefined || userId === identity.userId) return;
  throw new HelixError('state_session_not_found', `this user has no session ${sessionId}`);
}

/**
 * Refuses a session that another agent began.
 *
 * @throws HelixError `agent_mismatch`
 */
export function checkAgent(
  { sessionId, agentType }: Pick<SessionSnapshot, 'sessionId' | 'agentType'>,
  { name }: Pick<Agent, 'name'>,
): void {
  if (agentType === name) return;
  throw new HelixError('agent_mismatch', `session ${sessionId} belongs to the agent ${agentType}, not ${name}`);
}

function entryFence(session: SessionSnapshot | null): Fence {
  return {
    as: 'entry',
    expectRunId: session?.run?.runId ?? null,
    version: session?.version ?? 0,
    inbox: session?.inbox ?? 0,
  };
}

function startRun(
  session: SessionSnapshot | null,
  request: EntryRequest,
  ports: RuntimePorts,
  ending: Draft | undefined,
): RunStart {
  const { entry, sessionId, runtime, holderId, message, agent } = request;
  const startedAt = ports.clock.now();
  return {
    op: 'start',
    runId: ports.ids.next('run'),
    sessionId,
    turn: (session?.run?.turn ?? 0) + (message ? 1 : 0),
    entry,
    agentType: agent.name,
    runtime,
    key: message?.id ?? null,
    startedAt,
    startSequence: session?.streamSequence ?? 0,
    ...(holderId !== undefined && { claim: { holderId } }),
    ...(ending && { supersedes: { op: 'end', outcome: 'interrupted', reason: 'superseded', endedAt: startedAt } }),
  };
}

async function makeSession(
  { sessionId, agent, runtime, state, identity = {} }: EntryRequest,
  runId: string,
): Promise<SessionCreate> {
  const initial = await initialState(agent, state);
  return {
    streamId: newStreamId(sessionId, runId),
    agentType: agent.name,
    runtime,
    state: initial,
    identity,
    systemPrompt: typeof agent.systemPrompt === 'function' ? systemPromptOf(agent, initial) : null,
  };
}

function checkMessage({ parts }: UserMessage, { limits }: RuntimePorts): void {
  const bytes = jsonBytesAbove(limits.maxMessageBytes, parts);
  if (bytes !== null) {
    throw new HelixError(
      'input_too_large',
      `the message has ${bytes} bytes; at most ${limits.maxMessageBytes} are allowed`,
    );
  }
}
