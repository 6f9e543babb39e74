import type { Agent } from '../../agent/agent.ts';
import type { NewMessage } from '../../session/message.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { HolderLease } from '../lease/holder-lease.ts';
import type { OwnerParts } from '../owner/owner.ts';

/** A runtime as its entries see it: what it works with, and what it does with sessions that they begin or take up. */
export interface EntryHost {
  /** The name that its sessions are stored under: a runtime takes over its own, and no other's. */
  readonly runtime: string;
  readonly parts: Pick<OwnerParts, 'store' | 'llm' | 'ports' | 'reached'>;
  /** Does something under a lease that stays held meanwhile. */
  underLease<T>(work: (lease: HolderLease) => Promise<T>): Promise<T>;
  isDriving(sessionId: string): boolean;
  /**
   * Somebody asks for a session, or writes its next run, until the answer is called; without an id, for sessions that are not known
   * yet. Until then nobody here drives the session because it was read that the lease holds it.
   */
  reserve(sessionId?: string): () => void;
  /** Drives a session that the lease holds, until it rests. Returns at once. `entered` are the messages of the entry that began its run just now. */
  drive(agent: Agent, session: SessionSnapshot, lease: HolderLease, entered?: readonly NewMessage[]): void;
  /**
   * Drives a session that the lease holds although nobody drives it: the answer that would have said so was lost. False where
   * that is not so.
   */
  driveIfHeld(agent: Agent, sessionId: string, lease: HolderLease): Promise<boolean>;
  /** The same, however long it takes to find out. Returns at once. */
  driveOnceHeld(agent: Agent, sessionId: string, lease: HolderLease): void;
}
