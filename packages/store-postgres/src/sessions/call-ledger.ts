import {
  isFinal,
  isLive,
  type CallChange,
  type CallClaim,
  type CallRecord,
  type CallState,
  type StoredCallChange,
} from '@helix-agents/core';
import { encodeJson } from '../database/encode-json.ts';
import type { Sql } from '../database/sql.ts';
import type { ResolvedOptions } from '../store-options.ts';
import type { SessionReader } from './session-reader.ts';
import { sendCalls, settleCalls } from './sql/move-calls.ts';

interface Move {
  readonly attempt: number;
  readonly change: StoredCallChange;
}

/** Ledger rows that move outside of a commit; `load` lays them over what the commits say. */
export class CallLedger {
  readonly #options: ResolvedOptions;
  readonly #reader: SessionReader;
  readonly #sql;

  constructor(options: ResolvedOptions, reader: SessionReader) {
    this.#options = options;
    this.#reader = reader;
    this.#sql = { send: sendCalls(options.tables), settle: settleCalls(options.tables) };
  }

  async settleCalls(sessionId: string, claim: CallClaim, changes: readonly CallChange[]): Promise<string[]> {
    const { calls, closed } = await this.#openCalls(sessionId, claim);
    const moves = changes.flatMap(({ callId, state, usage }): Move[] => {
      const sent = calls.get(callId)?.state;
      if (!state || !isFinal(state) || sent?.at !== 'sent' || sent.epoch !== claim.epoch) return [];
      calls.delete(callId);
      return [{ attempt: sent.attempt, change: { v: 1, callId, state, ...(usage && { usage }) } }];
    });
    return this.#write(this.#sql.settle, sessionId, claim, moves, closed);
  }

  async claimCalls(sessionId: string, claim: CallClaim, callIds: readonly string[]): Promise<string[]> {
    const { calls, closed } = await this.#openCalls(sessionId, claim);
    const moves = Array.from(new Set(callIds)).flatMap((callId): Move[] => {
      const call = calls.get(callId);
      if (call?.state.at !== 'planned') return [];
      const state: CallState = { at: 'sent', attempt: call.attempts + 1, epoch: claim.epoch };
      return [{ attempt: state.attempt, change: { v: 1, callId, state } }];
    });
    return this.#write(this.#sql.send, sessionId, claim, moves, closed);
  }

  /** The open step, where the claim is still the owner's. */
  async #openCalls(sessionId: string, { epoch, runId }: CallClaim): Promise<OpenCalls> {
    const { session, closed } = (await this.#reader.loadWithCalls(sessionId)) ?? nothing;
    const owned = session?.epoch === epoch && isLive(session.run) && session.run.runId === runId;
    const calls = owned && session.step?.at === 'calls' ? session.step.calls : [];
    return { calls: new Map(calls.map((call) => [call.callId, call])), closed };
  }

  async #write(
    sql: Sql,
    sessionId: string,
    claim: CallClaim,
    moves: readonly Move[],
    closed: readonly string[],
  ): Promise<string[]> {
    if (moves.length === 0) return [];
    const rows = await this.#options.database.once<{ callId: string }>(sql, [
      this.#options.scope,
      sessionId,
      claim.epoch,
      claim.runId,
      moves.map(({ change }) => change.callId),
      moves.map(({ attempt }) => attempt),
      moves.map(({ change }) => encodeJson(change)),
      closed,
    ]);
    const written = new Set(rows.map(({ callId }) => callId));
    return moves.map(({ change }) => change.callId).filter((callId) => written.has(callId));
  }
}

interface OpenCalls {
  readonly calls: Map<string, CallRecord>;
  readonly closed: readonly string[];
}

const nothing = { session: null, closed: [] };
