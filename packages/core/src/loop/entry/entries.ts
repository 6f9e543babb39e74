import { isLive } from '../../session/run.ts';
import type { SessionHost } from '../drive/session-host.ts';
import { enter } from './enter.ts';
import { judgeContinue, judgeMessage, judgeRetry } from './entry-verdict.ts';
import type { Entry } from './entry.ts';
import { findRun } from './find-run.ts';
import { forgive } from './forgive.ts';
import { checkAgent, type UserMessage } from './plan-entry.ts';

/** A turn that somebody asks for. */
export interface MessageEntry extends Entry {
  readonly message: UserMessage;
  /** The caller chose the message's id: it may have made a turn before. */
  readonly named: boolean;
}

/** Begins the turn of a message, or finds the run that the same message made. Resolves with the run's id. */
export function enterWithMessage(host: SessionHost, entry: MessageEntry): Promise<string> {
  const key = entry.message.id;
  return enter(host, entry, async (session) => {
    const made = session && entry.named ? await findRun(host.parts.store, session, { key }) : null;
    return judgeMessage(session, made);
  });
}

/** Goes on with a session that was interrupted, or that waits for nobody but this. Resolves with the run's id. */
export async function enterToContinue(host: SessionHost, entry: Entry): Promise<string> {
  const { sessionId, agent } = entry;
  const session = await host.parts.store.load(sessionId);
  if (session) checkAgent(session, agent);
  if (session && isLive(session.run)) await forgive(host.parts, session);
  const runId = await enter(host, entry, (found) => judgeContinue(sessionId, found));
  await host.takeUp(agent, sessionId, true);
  return runId;
}

/** Tries a failed run again. Resolves with the id of the run that does. */
export function enterToRetry(host: SessionHost, entry: Entry): Promise<string> {
  return enter(host, entry, (session) => judgeRetry(entry.sessionId, session));
}
