import {
  fold,
  foldCalls,
  foldInbox,
  type CallChange,
  type CallClaim,
  type CommitOutcome,
  type CommitRecord,
  type DeliverOutcome,
  type Fence,
  type InboxItem,
  type MessageRecord,
  type RunChange,
  type RunStart,
  type SessionCommit,
  type SessionSnapshot,
  type SessionStateStore,
} from '@helix-agents/core';
import { parkParts, userMessage, waitRecord, type CommitParts } from './commit-parts.ts';
import { newId } from './new-id.ts';

/**
 * An owner that writes one session and folds what landed by itself: `model` is what the store must answer. Times are a count,
 * so that a store that takes its own is found out.
 */
export class SessionWriter {
  readonly sessionId: string;
  readonly runtime: string;
  readonly agentType: string;
  /** The store answers exactly this from `load`. */
  model: SessionSnapshot | null = null;
  /** The store answers exactly this from `messagesAfter(sessionId, 0)`. */
  readonly messages: MessageRecord[] = [];
  readonly #store: SessionStateStore;
  #at = 1_000;

  constructor(store: SessionStateStore, about: { sessionId?: string; runtime?: string; agentType?: string } = {}) {
    this.#store = store;
    this.sessionId = about.sessionId ?? newId('session');
    this.runtime = about.runtime ?? newId('runtime');
    this.agentType = about.agentType ?? 'tester';
  }

  get runId(): string {
    return this.model?.run?.runId ?? 'none';
  }

  get claim(): CallClaim {
    return { runId: this.runId, epoch: this.model?.epoch ?? 0 };
  }

  /** The commit of an entry at the place where the session stands. */
  entry(run: Partial<RunStart> = {}, parts: CommitParts = {}): SessionCommit {
    const { version = 0, inbox = 0 } = this.model ?? {};
    const start = this.#runStart(run);
    const fence = { as: 'entry', expectRunId: this.model?.run?.runId ?? null, version, inbox } as const;
    const head = version === 0 ? { create: this.#create(start), ...parts.head } : parts.head;
    const messages = parts.messages ?? [userMessage(start.key ?? 'none', start.runId)];
    return this.#commit(fence, { ...parts, ...(head && { head }), messages, run: start });
  }

  /** The commit of the owner at the place where the session stands. */
  owner(parts: CommitParts, inbox?: number): SessionCommit {
    const { version = 0, epoch = 0, lastToken = '' } = this.model ?? {};
    return this.#commit({ as: 'owner', epoch, version, lastToken, ...(inbox !== undefined && { inbox }) }, parts);
  }

  async send(commit: SessionCommit): Promise<CommitOutcome> {
    const outcome = await this.#store.commit(this.sessionId, commit);
    this.landed(commit, outcome);
    return outcome;
  }

  /** Makes the session, or its next run; refused is a failure of the test. */
  async start(run: Partial<RunStart> = {}, parts: CommitParts = {}): Promise<this> {
    return this.#must(await this.send(this.entry(run, parts)));
  }

  /** Writes as the owner; refused is a failure of the test. */
  async write(parts: CommitParts, inbox?: number): Promise<this> {
    return this.#must(await this.send(this.owner(parts, inbox)));
  }

  /** Rests on a wait for input, until a deadline where there is one. */
  async park(deadline?: number): Promise<this> {
    return this.write(parkParts([waitRecord('w', this.runId, deadline)]), 0);
  }

  async deliver(item: InboxItem): Promise<DeliverOutcome> {
    const outcome = await this.#store.deliver(this.sessionId, item);
    if (outcome.delivered && this.model) this.model = foldInbox(this.model, [{ v: 1, seq: outcome.inbox, item }]);
    return outcome;
  }

  async settle(changes: readonly CallChange[], claim = this.claim): Promise<string[]> {
    const written = await this.#store.settleCalls(this.sessionId, claim, changes);
    if (this.model)
      this.model = foldCalls(
        this.model,
        changes.filter(({ callId }) => written.includes(callId)),
      );
    return written;
  }

  async dispatch(callIds: readonly string[], claim = this.claim): Promise<string[]> {
    const moved = await this.#store.claimCalls(this.sessionId, claim, callIds);
    const calls = this.model?.step?.at === 'calls' ? this.model.step.calls : [];
    const changes = calls
      .filter(({ callId }) => moved.includes(callId))
      .map(({ callId, attempts }) => {
        return { callId, state: { at: 'sent', attempt: attempts + 1, epoch: claim.epoch } } as const;
      });
    if (this.model) this.model = foldCalls(this.model, changes);
    return moved;
  }

  /** Folds a claim that the store made; `at` is the store's time. */
  claimed(run: Extract<RunChange, { op: 'claim' }>, token: string, at: number): void {
    const { version, epoch } = this.model!;
    this.model = fold(this.model, { v: 1, token, at, run, version: version + 1, epoch: epoch + 1 });
  }

  /** Folds a commit that somebody sent at the place where this writer stood. */
  landed({ fence: _, ...body }: SessionCommit, outcome: CommitOutcome): void {
    if (outcome.landed !== true || outcome.version !== (this.model?.version ?? 0) + 1) return;
    const record: CommitRecord = { ...body, version: outcome.version, epoch: outcome.epoch };
    this.model = fold(this.model, record);
    for (const message of body.messages ?? []) this.messages.push({ ...message, seq: this.messages.length + 1 });
  }

  #commit(fence: Fence, parts: CommitParts): SessionCommit {
    this.#at += 1;
    return { v: 1, token: newId('token'), fence, at: this.#at, ...parts };
  }

  #must(outcome: CommitOutcome): this {
    if (outcome.landed !== true) throw new Error(`a commit did not land: ${JSON.stringify(outcome)}`);
    return this;
  }

  #runStart(run: Partial<RunStart>): RunStart {
    const { sessionId, agentType, runtime } = this;
    const turn = (this.model?.run?.turn ?? 0) + 1;
    const about = { sessionId, agentType, runtime, turn, startSequence: 0, startedAt: this.#at };
    return { op: 'start', runId: newId('run'), entry: 'execute', key: newId('message'), ...about, ...run };
  }

  #create({ runId }: RunStart) {
    const { sessionId, agentType, runtime } = this;
    const streamId = `${sessionId}.${runId}`;
    return { streamId, agentType, runtime, state: { count: 0 }, identity: { userId: 'somebody' }, systemPrompt: null };
  }
}
