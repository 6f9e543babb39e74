import { fold, type CommitRecord, type SessionSnapshot } from '@helix-agents/core';

/** A snapshot, and what lies behind the stored snapshot that it was folded from. */
export interface WarmSnapshot {
  readonly snapshot: SessionSnapshot;
  /** Commits since the stored snapshot. */
  readonly tailRows: number;
  /** Characters of their bodies. */
  readonly tailCharacters: number;
  /** Characters of the stored snapshot. */
  readonly baseCharacters: number;
}

const maxCharacters = 32 * 1024 * 1024;
/** What a snapshot without custom state weighs, roughly. */
const overheadCharacters = 4 * 1024;

/**
 * Snapshots of sessions that this process worked with lately, so that a boundary commit need not read what the process itself
 * wrote. Only a help: the fence of the commit decides. Bounded by what they weigh; the ones not used for longest go first.
 */
export class WarmSnapshots {
  readonly #entries = new Map<string, WarmSnapshot>();
  #characters = 0;

  /** The snapshot at exactly this version, where it is known; `inbox` is what it must have seen. */
  at(sessionId: string, version: number, inbox = 0): WarmSnapshot | undefined {
    const entry = this.#entries.get(sessionId);
    return entry?.snapshot.version === version && entry.snapshot.inbox >= inbox ? entry : undefined;
  }

  /** `undefined`: what is known is of no use any more. */
  put(sessionId: string, entry: WarmSnapshot | undefined): void {
    this.drop(sessionId);
    if (!entry) return;
    this.#entries.set(sessionId, entry);
    this.#characters += weightOf(entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#characters <= maxCharacters) return;
      this.drop(oldest);
    }
  }

  drop(sessionId: string): void {
    const entry = this.#entries.get(sessionId);
    if (!entry) return;
    this.#entries.delete(sessionId);
    this.#characters -= weightOf(entry);
  }

  /**
   * What a commit makes of the snapshot before it, where that is known. `storedCharacters` is the size of the snapshot that its row
   * carries, where it does.
   */
  after(
    sessionId: string,
    record: CommitRecord,
    characters: number,
    storedCharacters?: number,
  ): WarmSnapshot | undefined {
    const before = this.at(sessionId, record.version - 1);
    try {
      return before && grown(before, fold(before.snapshot, record), characters, storedCharacters);
    } catch {
      // Whether it lands is another matter. Who reads it will hear of this.
      return undefined;
    }
  }
}

/** The entry after a commit of so many characters, whose row may carry the snapshot itself. */
export function grown(
  { tailRows, tailCharacters, baseCharacters }: WarmSnapshot,
  snapshot: SessionSnapshot,
  characters: number,
  storedCharacters?: number,
): WarmSnapshot {
  if (storedCharacters !== undefined)
    return { snapshot, tailRows: 0, tailCharacters: 0, baseCharacters: storedCharacters };
  return { snapshot, tailRows: tailRows + 1, tailCharacters: tailCharacters + characters, baseCharacters };
}

function weightOf({ baseCharacters, tailCharacters }: WarmSnapshot): number {
  return overheadCharacters + baseCharacters + tailCharacters;
}
