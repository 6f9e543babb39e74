import {
  HelixError,
  statusOf,
  type Json,
  type RunStatus,
  type SessionRecords,
  type SessionSnapshot,
} from '@helix-agents/core';
import { typedErrorBody, type TypedErrorBody } from '../http/typed-error.ts';
import { uiMessagesUpTo, type PageSource } from './get-ui-messages.ts';
import type { HelixUIMessage } from './helix-ui-message.ts';
import { pageData } from './page-data.ts';

/** A chat as the record has it, and the place from which its stream goes on. */
export interface ChatSnapshot {
  readonly sessionId: string;
  readonly agentType: string;
  /** The newest messages; of a turn that is under way, the steps that are done. */
  readonly messages: HelixUIMessage[];
  /** Cursor of the messages before these, for `getUIMessages`; null where these are all. */
  readonly before: string | null;
  /** Position of the stream for which the messages stand: what comes after it is not in them. */
  readonly streamSequence: number;
  /** The last run, where it has ended: this tells how. Null while one is under way, or before the first. */
  readonly endedRunId: string | null;
  readonly status: RunStatus | 'idle';
  /** Where the status is `failed`. */
  readonly error?: TypedErrorBody;
  /** The custom state, where it was asked for. */
  readonly state?: Json;
}

/** What a snapshot is made of. */
export interface SnapshotRequest {
  readonly stateStore: Pick<SessionRecords, 'load' | 'messagesAfter' | 'findEndedRun'>;
  readonly sessionId: string;
  /** Turns in it: default 25, at most 100, and none before the one by which it has 4 MiB. */
  readonly limit?: number | undefined;
  /** Whether the custom state is in it. Default false: it may not be for users. */
  readonly withState?: boolean | undefined;
}

/**
 * What a page is drawn from when it loads. Messages and position come from one read, so that together with the stream that is
 * resumed afterwards every piece is there exactly once, whenever it is taken.
 *
 * @throws HelixError `state_session_not_found`
 */
export async function buildSnapshot(request: SnapshotRequest): Promise<ChatSnapshot> {
  const session = await request.stateStore.load(request.sessionId);
  if (session) return snapshotOf(session, request);
  throw new HelixError('state_session_not_found', `there is no session ${request.sessionId}`);
}

/** The snapshot of a session that was read already. */
export async function snapshotOf(
  session: SessionSnapshot,
  source: PageSource & Pick<SnapshotRequest, 'withState'>,
): Promise<ChatSnapshot> {
  const { sessionId, agentType, messageCount, streamSequence, run, waits } = session;
  const { messages, before } = await uiMessagesUpTo(source, session, messageCount);
  const status = run ? statusOf(run, waits) : 'idle';
  const error = run?.phase.at === 'ended' ? run.phase.error : undefined;
  return {
    sessionId,
    agentType,
    messages,
    before,
    streamSequence,
    endedRunId: run?.phase.at === 'ended' ? run.runId : null,
    status,
    ...(error && { error: typedErrorBody(HelixError.fromDetail(error)) }),
    ...(source.withState && { state: pageData(session.state) }),
  };
}
