import type { MessageRecord, RunRecord, SessionSnapshot, StoredChunk, ToolResultPart } from '@helix-agents/core';

/** Everything that the database has of a session. */
export interface KeptSession {
  readonly sessionId: string;
  readonly session: SessionSnapshot;
  readonly messages: readonly MessageRecord[];
  readonly runs: readonly RunRecord[];
  readonly log: readonly LogRow[];
  readonly inbox: readonly InboxRow[];
  readonly chunks: readonly StoredChunk[];
}

/** A commit as its row holds it. */
export interface LogRow {
  readonly version: number;
  readonly epoch: number;
  readonly token: string;
  readonly body: string;
  readonly messages: string | null;
}

/** A delivery as its row holds it. */
export interface InboxRow {
  readonly seq: number;
  readonly body: string;
}

/** Told of what should not be. */
export type Tell = (line: string) => void;

/** What the calls came to, in the order of the transcript. */
export function resultsOf(messages: readonly MessageRecord[]): ToolResultPart[] {
  return messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-result' ? [part] : [])));
}

/** The same text for the same value, whatever the order of its members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
