import {
  checkId,
  HelixError,
  judgeClaim,
  type ClaimDueRequest,
  type ClaimOutcome,
  type ClaimRequest,
  type HeldSession,
  type SessionCommit,
  type SessionSnapshot,
} from '@helix-agents/core';
import { repeatUntilKnown } from '../database/repeat-until-known.ts';
import type { CommitWriter } from '../sessions/commit-writer.ts';
import type { SessionReader } from '../sessions/session-reader.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { claimDue, claimedWith, giveBack, isClaimable, listHeld } from './sql/claim-statements.ts';

/** How long a session that was claimed and could not be read is left alone: the read may do better, or only a later release can. */
const lostReadPauseMs = 1_000;
const unreadablePauseMs = 60_000;

interface Claimed {
  readonly sessionId: string;
  readonly epoch: number;
}

/** In how many ms more may be free, because a lock was seen free. */
interface SoonFree {
  readonly soonMs: number | null;
}

interface Claimable extends SoonFree {
  readonly phase: string;
  readonly claimable: boolean | null;
}

interface Unread extends Claimed {
  readonly pauseMs: number;
}

/** Gives sessions to holders. */
export class Claims {
  readonly #options: ResolvedOptions;
  readonly #reader: SessionReader;
  readonly #writer: CommitWriter;
  readonly #sql;

  constructor(options: ResolvedOptions, reader: SessionReader, writer: CommitWriter) {
    const { tables } = options;
    this.#options = options;
    this.#reader = reader;
    this.#writer = writer;
    this.#sql = {
      claimable: isClaimable(tables),
      due: claimDue(tables),
      claimed: claimedWith(tables),
      giveBack: giveBack(tables),
      held: listHeld(tables),
    };
  }

  claim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome> {
    checkId('holderId', request.holderId);
    return repeatUntilKnown<ClaimOutcome>(this.#options, {
      attempt: () => this.#tryClaim(sessionId, request),
      unknown: (cause) => {
        throw new HelixError('state_commit_unknown', `it is not known who owns ${sessionId}`, { cause });
      },
    });
  }

  /** Null: the session moved on while it was claimed. */
  async #tryClaim(sessionId: string, request: ClaimRequest): Promise<ClaimOutcome | null> {
    const session = await this.#reader.load(sessionId);
    if (!session) return { claimed: false, reason: 'no-session' };
    const verdict = judgeClaim(session, request);
    if (verdict === 'ours') return { claimed: true, session };
    const refused = verdict === 'give-if-due' ? await this.#whyNotDue(sessionId, true) : verdict;
    if (refused !== null && refused !== 'give') return { claimed: false, reason: refused };
    const before = await this.#reader.at(sessionId, session.version);
    const commit = claimCommit(session, request, this.#options.clock.now());
    if (!before || !(await this.#writer.claim(sessionId, before, commit))) return null;
    const claimed = await this.#reader.load(sessionId);
    return claimed?.lastToken === request.token ? { claimed: true, session: claimed } : null;
  }

  /** Null where something is due, or the lease of its owner is over; where that may be so soon, it is waited for. */
  async #whyNotDue(sessionId: string, mayWait: boolean): Promise<'owned' | 'not-due' | null> {
    const { database, scope, takeoverGraceMs, restartGraceMs } = this.#options;
    const values = [scope, takeoverGraceMs, restartGraceMs, sessionId];
    const [row] = await database.repeatable<Claimable>(this.#sql.claimable, values);
    if (row?.claimable) return null;
    if (mayWait && (await this.#isSoonFree(row))) return this.#whyNotDue(sessionId, false);
    return row?.phase === 'running' ? 'owned' : 'not-due';
  }

  /** Waits for the end of a lease whose lock was seen free; false where there is none. */
  async #isSoonFree(seen: SoonFree | undefined): Promise<boolean> {
    const soonMs = seen?.soonMs ?? null;
    if (soonMs !== null) await this.#options.clock.sleep(soonMs + 1);
    return soonMs !== null;
  }

  /** Resolves with what was claimed also where the answer of the first try was lost, and gives back what it cannot read. */
  async claimDue(request: ClaimDueRequest): Promise<SessionSnapshot[]> {
    const { holderId } = request;
    checkId('holderId', holderId);
    const token = crypto.randomUUID();
    const values = this.#valuesOf(request, token);
    const claimed = await repeatUntilKnown(this.#options, {
      attempt: () => this.#tryClaimDue(holderId, values, token, true),
      unknown: (cause) => {
        throw new HelixError('state_store_unavailable', 'it is not known what was claimed', { cause });
      },
    });
    const sessions = await this.#readOrGiveBack(holderId, claimed);
    return sessions.filter(({ lastToken }) => lastToken === token);
  }

  async listHeld(holderId: string): Promise<HeldSession[]> {
    checkId('holderId', holderId);
    const { database, scope } = this.#options;
    return [...(await database.repeatable<HeldSession>(this.#sql.held, [scope, holderId]))];
  }

  #valuesOf({ holderId, runtime, agentTypes, limit }: ClaimDueRequest, token: string): readonly unknown[] {
    const { scope, takeoverGraceMs, restartGraceMs, clock } = this.#options;
    const at = clock.now();
    const bodyOf = (takeover: boolean) => JSON.stringify({ v: 1, at, run: { op: 'claim', holderId, takeover } });
    const whose = [scope, takeoverGraceMs, restartGraceMs, runtime, agentTypes, limit];
    return [...whose, holderId, token, at, bodyOf(false), bodyOf(true)];
  }

  async #tryClaimDue(
    holderId: string,
    values: readonly unknown[],
    token: string,
    mayWait: boolean,
  ): Promise<readonly Claimed[]> {
    const [seen] = await this.#options.database.attempt<SoonFree>(this.#sql.due, values);
    const found = await this.#claimedWith(holderId, token);
    if (found.length > 0 || !mayWait || !(await this.#isSoonFree(seen))) return found;
    return this.#tryClaimDue(holderId, values, token, false);
  }

  async #readOrGiveBack(holderId: string, claimed: readonly Claimed[]): Promise<SessionSnapshot[]> {
    const unread: Unread[] = [];
    const read = async (given: Claimed) => {
      try {
        return await this.#reader.load(given.sessionId);
      } catch (error) {
        unread.push({ ...given, pauseMs: pauseAfter(error) });
        return null;
      }
    };
    const sessions = await Promise.all(claimed.map(read));
    if (unread.length > 0) await this.#giveBack(holderId, unread);
    return sessions.filter((session) => session !== null);
  }

  #claimedWith(holderId: string, token: string): Promise<readonly Claimed[]> {
    const { database, scope } = this.#options;
    return database.attempt<Claimed>(this.#sql.claimed, [scope, holderId, token]);
  }

  /** Never rejects: the other sessions of the claim are to be driven. What cannot be given back is free when the lease ends. */
  async #giveBack(holderId: string, unread: readonly Unread[]): Promise<void> {
    const { database, scope } = this.#options;
    const ids = unread.map(({ sessionId }) => sessionId);
    const epochs = unread.map(({ epoch }) => epoch);
    const pauses = unread.map(({ pauseMs }) => pauseMs);
    await database.repeatable(this.#sql.giveBack, [scope, holderId, ids, epochs, pauses]).catch(() => {});
  }
}

function pauseAfter(error: unknown): number {
  return HelixError.is(error) && error.retryable ? lostReadPauseMs : unreadablePauseMs;
}

function claimCommit(
  { version, epoch, lastToken, run }: SessionSnapshot,
  { holderId, token }: ClaimRequest,
  at: number,
): SessionCommit {
  const takeover = run?.phase.at === 'running';
  return {
    v: 1,
    token,
    at,
    fence: { as: 'owner', epoch, version, lastToken },
    run: { op: 'claim', holderId, takeover },
  };
}
