import { fold, type CommitRecord, type SessionSnapshot } from '@helix-agents/core';

/** A snapshot, and what lies behind the stored snapshot that it was folded from. */
export interface WarmSnapshot {
  readonly snapshot: SessionSnapshot;
  /** Commits since the stored snapshot. */
  readonly tailRows: number;
  /** Bytes of their bodies. */
  readonly tailBytes: number;
  /** Bytes of the stored snapshot. */
  readonly baseBytes: number;
}

const maxBytes = 32 * 1024 * 1024;
/** What a snapshot without custom state weighs, roughly. */
const overheadBytes = 4 * 1024;

/**
 * Snapshots of sessions that this process worked with lately, so that a boundary commit need not read what the process itself
 * wrote. Only a help: the fence of the commit decides. Bounded by bytes; the ones not used for longest go first.
 */
export class WarmSnapshots {
  readonly #entries = new Map<string, WarmSnapshot>();
  #bytes = 0;

  /** The snapshot at exactly this version, where it is known; `inbox` is what it must have seen. */
  at(sessionId: string, version: number, inbox = 0): WarmSnapshot | undefined {
    const entry = this.#entries.get(sessionId);
    return entry?.snapshot.version === version && entry.snapshot.inbox >= inbox ? entry : undefined;
  }

  put(sessionId: string, entry: WarmSnapshot): void {
    this.drop(sessionId);
    this.#entries.set(sessionId, entry);
    this.#bytes += weightOf(entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= maxBytes) return;
      this.drop(oldest);
    }
  }

  drop(sessionId: string): void {
    const entry = this.#entries.get(sessionId);
    if (!entry) return;
    this.#entries.delete(sessionId);
    this.#bytes -= weightOf(entry);
  }

  /** A commit landed; `storedBytes` is the size of the snapshot that its row carries, where it does. */
  advance(sessionId: string, record: CommitRecord, bytes: number, storedBytes?: number): void {
    const before = this.at(sessionId, record.version - 1, Math.max(0, ...(record.head?.consumes ?? [])));
    if (!before) return this.drop(sessionId);
    this.put(sessionId, grown(before, fold(before.snapshot, record), bytes, storedBytes));
  }
}

/** The entry after a commit of so many bytes, whose row may carry the snapshot itself. */
export function grown(
  { tailRows, tailBytes, baseBytes }: WarmSnapshot,
  snapshot: SessionSnapshot,
  bytes: number,
  storedBytes?: number,
): WarmSnapshot {
  if (storedBytes !== undefined) return { snapshot, tailRows: 0, tailBytes: 0, baseBytes: storedBytes };
  return { snapshot, tailRows: tailRows + 1, tailBytes: tailBytes + bytes, baseBytes };
}

function weightOf({ baseBytes, tailBytes }: WarmSnapshot): number {
  return overheadBytes + baseBytes + tailBytes;
}
