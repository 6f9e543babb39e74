import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionSnapshot } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { Crew } from './crew.ts';
import type { SoakReport } from './soak-report.ts';
import type { Ask } from './worker-messages.ts';
import type { Answer } from './worker-process.ts';

/** A message that somebody said, and what is known of it. */
export interface Said {
  readonly sessionId: string;
  readonly messageId: string;
  readonly text: string;
  /** `refused`: it must have left no trace. `unknown`: nobody heard what became of it. */
  fate: 'acknowledged' | 'refused' | 'unknown';
  /** The runs that it is said to have begun. */
  readonly runIds: Set<string>;
}

/** What a user needs. */
export interface UserParts {
  readonly crew: Crew;
  readonly report: SoakReport;
  readonly load: (sessionId: string) => Promise<SessionSnapshot | null>;
  /** Told of each run that began. */
  readonly began: (sessionId: string, runId: string) => void;
}

/** Where a session stands, as its user sees it. */
type Standing = 'none' | 'running' | 'waits' | 'completed' | 'interrupted' | 'failed';

/** What another try may change: the store was away, or the lease of who was asked. */
const transient = new Set([
  'state_store_unavailable',
  'state_commit_unknown',
  'state_lease_lost',
  'state_concurrency_conflict',
]);
/** What a user may be told who comes at the wrong moment. */
const refusals = new Set(['state_already_running', 'state_not_resumable', 'state_session_not_found', 'state_run_over']);

/** Somebody who uses one session after the other: says things, waits or does not, stops, goes on, deletes. */
export class SessionUser {
  readonly agent: string;
  readonly said: Said[] = [];
  readonly sessionIds: string[] = [];
  readonly deleted = new Set<string>();
  readonly #name: number;
  readonly #chance: Chance;
  readonly #parts: UserParts;
  #isDone = false;

  constructor(name: number, chance: Chance, parts: UserParts) {
    this.#name = name;
    this.#chance = chance;
    this.#parts = parts;
    this.agent = name % 2 === 0 ? 'soak_text' : 'soak_output';
    this.#takeNext();
  }

  /** Until it is told to be done. */
  async use(): Promise<void> {
    while (!this.#isDone) {
      if (this.said.length > 0 && this.#chance.happens(0.02)) await this.#delete();
      else await this.#turn();
      await sleep(this.#chance.between(0, 600));
    }
  }

  beDone(): void {
    this.#isDone = true;
  }

  get #sessionId(): string {
    return this.sessionIds.at(-1) ?? '';
  }

  #takeNext(): void {
    this.sessionIds.push(`s_${this.#name}_${this.sessionIds.length + 1}`);
  }

  async #turn(): Promise<void> {
    const chance = this.#chance;
    const standing = await this.#standing();
    if (standing === 'waits') await this.#goOn('resume');
    else if (standing === 'interrupted' && chance.happens(0.75))
      await (chance.happens(0.66) ? this.#goOn('resume') : this.#say('say'));
    else if (standing === 'failed' && chance.happens(0.6)) await this.#goOn('retry');
    else if (chance.happens(0.1)) await Promise.all([this.#say('execute'), this.#say('execute')]);
    else await this.#say('execute', chance.happens(0.06) ? 2 : 1);
    if (chance.happens(0.2)) await this.#stop();
    if (chance.happens(0.9)) await this.#untilRest(chance.between(500, 9_000));
  }

  async #untilRest(mostMs: number): Promise<void> {
    const until = Date.now() + mostMs;
    while (Date.now() < until && !this.#isDone && (await this.#standing()) === 'running') await sleep(150);
  }

  async #standing(): Promise<Standing> {
    const session = await this.#parts.load(this.#sessionId).catch(() => null);
    const phase = session?.run?.phase;
    if (!phase) return 'none';
    if (phase.at === 'ended') return phase.outcome === 'aborted' ? 'failed' : phase.outcome;
    return phase.at === 'parked' && phase.on.length > 0 ? 'waits' : 'running';
  }

  async #stop(): Promise<void> {
    await sleep(this.#chance.between(0, 1_500));
    await this.#ask({ op: this.#chance.happens(0.65) ? 'interrupt' : 'abort' });
  }

  async #delete(): Promise<void> {
    const { at } = await this.#ask({ op: 'delete' }, 30);
    if (at === 'done') this.deleted.add(this.#sessionId);
    this.#takeNext();
  }

  async #goOn(op: 'resume' | 'retry'): Promise<void> {
    const answer = await this.#ask({ op });
    if (answer.at === 'done') this.#parts.began(this.#sessionId, String(answer.value));
  }

  /** By so many at once, all with the same id. */
  async #say(op: 'execute' | 'say', times = 1): Promise<void> {
    const messageId = `m_${this.#name}_${this.said.length}`;
    const said: Said = {
      sessionId: this.#sessionId,
      messageId,
      text: `This is ${messageId}`,
      fate: 'refused',
      runIds: new Set(),
    };
    this.said.push(said);
    const fates = await Promise.all(Array.from({ length: times }, () => this.#sayOnce(op, said)));
    said.fate = (['acknowledged', 'unknown'] as const).find((fate) => fates.includes(fate)) ?? 'refused';
  }

  /** Until it is known what became of it, as a caller should: by the same id. */
  async #sayOnce(op: 'execute' | 'say', { sessionId, messageId, text, runIds }: Said): Promise<Said['fate']> {
    let tries = 0;
    const answer = await this.#ask({ op, messageId, text }, 40, () => (tries += 1));
    if (answer.at === 'done') {
      runIds.add(String(answer.value));
      this.#parts.began(sessionId, String(answer.value));
      return 'acknowledged';
    }
    return tries === 1 && answer.at === 'failed' && refusals.has(answer.code) ? 'refused' : 'unknown';
  }

  /** Asks any worker, again where that may help. */
  async #ask(ask: Pick<Ask, 'op'> & Partial<Ask>, tries = 3, tried = () => {}): Promise<Answer> {
    const { crew, report } = this.#parts;
    const sessionId = this.#sessionId;
    let answer: Answer = { at: 'lost' };
    for (let left = tries; left > 0; left -= 1) {
      const worker = crew.any(this.#chance);
      if (worker) {
        tried();
        answer = await worker.ask({ agent: this.agent, sessionId, ...ask });
      }
      report.count(`${ask.op}: ${answer.at === 'failed' ? answer.code : answer.at}`);
      if (answer.at === 'done') return answer;
      if (answer.at === 'failed' && !transient.has(answer.code)) {
        if (!refusals.has(answer.code)) report.fault(`${sessionId}: ${ask.op} failed: ${answer.message}`);
        return answer;
      }
      await sleep(200);
    }
    return answer;
  }
}
