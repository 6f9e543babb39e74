import { Problem } from '@helix-agents/example-environment';
import type { AgentExecutionHandle, JSAgentExecutor, SessionSnapshot, SessionStateStore } from '@helix-agents/sdk';
import type { ResearchAnswer, researchAssistant } from './agent.ts';
import type { Report } from './report/report.ts';
import { lastResults } from './last-results.ts';
import { progressOf } from './watch-record.ts';

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
  /** Says how a run goes on that was there before. To be called once Ctrl-C is heeded: who reads it may press that. */
  readonly tell?: () => void;
  /** Where it is alive in another process: the number of that owner. */
  readonly followedEpoch: number | null;
}

/** What is asked, of which session. */
export interface Question {
  /** null: only what was left open is finished. */
  readonly question: string | null;
  /** Where the documents of a new session are; null: the repository's. */
  readonly dir: string | null;
  /** null: a new one. */
  readonly session: SessionSnapshot | null;
  readonly sessionId: string;
}

/**
 * The runs that answer a question, each to be followed to its end before the next is asked for. An open run is finished first, a
 * failed or interrupted one is taken up where it stopped, and another question than the last is the next turn.
 */
export async function* ask(parts: AskParts, asked: Question): AsyncGenerator<Asked> {
  const { executor, agent, store, report } = parts;
  const { question, dir, session, sessionId } = asked;
  if (!session) {
    const metadata = dir === null ? {} : { metadata: { folder: dir } };
    yield { handle: await executor.execute(agent, question ?? '', { sessionId, ...metadata }), followedEpoch: null };
    return;
  }
  const same = question === null || (await lastQuestion(store, session)) === question;
  const phase = session.run?.phase;
  if (phase?.at !== 'ended') yield* takeUp(parts, session, question, same);
  else if (same && phase.outcome !== 'completed') {
    const begin = phase.outcome === 'interrupted' ? 'resume' : 'retry';
    const handle = await executor[begin](agent, sessionId);
    const results = await lastResults(store, session);
    yield { ...from(session, handle), tell: () => report.resumed(progressOf(session), results) };
  } else if (question === null) throw nothingOpen();
  else yield from(session, await executor.execute(agent, question, { sessionId }));
}

function nothingOpen(): Problem {
  const message = 'nothing was left open in this session';
  return new Problem('state_not_resumable', message, 'ask its next question', { exitCode: 2 });
}

/**
 * The process that drove this run is gone, or it is another one that lives: then the run is only followed. The question is finished
 * before another one begins.
 */
async function* takeUp(
  { executor, agent, store, report }: AskParts,
  session: SessionSnapshot,
  question: string | null,
  same: boolean,
): AsyncGenerator<Asked> {
  const { sessionId, streamSequence } = session;
  // Takes the session up, unless its owner lives.
  const handle = (await executor.getHandle(agent, sessionId)) as Handle;
  const followedEpoch = await ownerElsewhere(store, session);
  const isLast = same || question === null;
  if (!isLast) report.notice('finishing the question that was left open before the new one');
  const results = followedEpoch === null ? await lastResults(store, session) : null;
  const tell = () => (results ? report.recovered(progressOf(session), results) : report.follows(progressOf(session)));
  yield { handle, after: streamSequence, tell, followedEpoch };
  if (!isLast) yield { handle: await executor.execute(agent, question, { sessionId }), followedEpoch: null };
}

/** Each owner raises the epoch: one that is as it was before we asked for the session is that of another process. */
async function ownerElsewhere(store: SessionStateStore, before: SessionSnapshot): Promise<number | null> {
  const head = await store.head(before.sessionId);
  return head?.phase === 'running' && head.epoch === before.epoch ? head.epoch : null;
}

function from({ streamSequence }: SessionSnapshot, handle: Handle): Asked {
  return { handle, after: streamSequence, followedEpoch: null };
}

async function lastQuestion(
  store: SessionStateStore,
  { sessionId, messageCount }: SessionSnapshot,
): Promise<string | undefined> {
  const messages = await store.messagesAfter(sessionId, Math.max(0, messageCount - 200));
  const parts = messages.findLast(({ role }) => role === 'user')?.parts ?? [];
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))[0];
}
