import type { Agent } from '../agent/agent.ts';
import type { NewMessage } from '../session/message.ts';
import type { SessionSnapshot } from '../session/snapshot.ts';
import type { HolderLease } from './holder-lease.ts';
import type { OwnerParts } from './owner.ts';

/** A runtime as its entries see it: what it works with, and what it does with sessions that they begin or take up. */
export interface EntryHost {
  /** The name that its sessions are stored under: a runtime takes over its own, and no other's. */
  readonly runtime: string;
  readonly parts: Pick<OwnerParts, 'store' | 'llm' | 'ports' | 'reached'>;
  /** Does something under a lease that stays held meanwhile. */
  underLease<T>(work: (lease: HolderLease) => Promise<T>): Promise<T>;
  isDriving(sessionId: string): boolean;
  /** Drives a session that the lease holds, until it rests. Returns at once. `entered` are messages that the last commit appended. */
  start(agent: Agent, session: SessionSnapshot, lease: HolderLease, entered?: readonly NewMessage[]): void;
  /** Takes up a session that may be the lease's: whether a claim or an entry landed was not heard. Returns at once. */
  takeBack(agent: Agent, sessionId: string, lease: HolderLease): void;
}
