import type { AgentExecutionHandle, JSAgentExecutor, SessionSnapshot, SessionStateStore } from '@helix-agents/sdk';
import type { ResearchAnswer, researchAssistant } from './agent.ts';
import { Problem } from './problem.ts';
import type { Report } from './report/report.ts';

type Assistant = ReturnType<typeof researchAssistant>;
type Handle = AgentExecutionHandle<ResearchAnswer>;

/** What a question needs. */
export interface AskParts {
  readonly executor: JSAgentExecutor;
  readonly store: SessionStateStore;
  readonly agent: Assistant;
  readonly report: Report;
}

/** A run to follow, and the position of its stream from which it is new. */
export interface Asked {
  readonly handle: Handle;
  readonly after?: number;
}

/**
 * Begins a question, or goes on with a session: an open run is finished first, a failed or interrupted one is taken up where it
 * stopped, and another question than the last is the next turn.
 */
export async function ask(
  parts: AskParts,
  question: string | null,
  sessionId: string | null,
  newSessionId: string,
): Promise<Asked> {
  const { executor, agent, store } = parts;
  if (sessionId === null) return { handle: await executor.execute(agent, question ?? '', { sessionId: newSessionId }) };
  const session = await store.load(sessionId);
  if (!session)
    throw new Problem(`there is no session ${sessionId}`, 'check the id, or leave --session out to begin a new one', 2);
  const same = question === null || (await lastQuestion(store, session)) === question;
  const phase = session.run?.phase;
  if (phase?.at !== 'ended') return takeUp(parts, session, question, same);
  if (same && phase.outcome === 'interrupted') return from(session, await executor.resume(agent, sessionId));
  if (same && phase.outcome !== 'completed') return from(session, await executor.retry(agent, sessionId));
  if (question === null) throw new Problem('nothing was left open in this session', 'ask its next question', 2);
  return from(session, await executor.execute(agent, question, { sessionId }));
}

/** The process that drove this run is gone. Its question is finished before another one begins. */
async function takeUp(
  { executor, agent, report }: AskParts,
  session: SessionSnapshot,
  question: string | null,
  same: boolean,
): Promise<Asked> {
  const { sessionId, run, messageCount, streamSequence } = session;
  report.recovered({ sessionId, stepsDone: run?.stepCount ?? 0, messages: messageCount });
  const handle = (await executor.getHandle(agent, sessionId)) as Handle;
  if (same || question === null) return { handle, after: streamSequence };
  report.notice('finishing the question that was left open before the new one');
  await handle.result();
  return { handle: await executor.execute(agent, question, { sessionId }) };
}

function from({ streamSequence }: SessionSnapshot, handle: Handle): Asked {
  return { handle, after: streamSequence };
}

async function lastQuestion(
  store: SessionStateStore,
  { sessionId, messageCount }: SessionSnapshot,
): Promise<string | undefined> {
  const messages = await store.messagesAfter(sessionId, Math.max(0, messageCount - 200));
  const parts = messages.findLast(({ role }) => role === 'user')?.parts ?? [];
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))[0];
}
