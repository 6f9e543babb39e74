import { upcast, type CommitRecord, type SessionCommit } from '@helix-agents/core';
import { encodeJson } from '../database/encode-json.ts';

/** A commit as its row holds it. Messages have a column of their own, so that the transcript is read without the rest. */
export interface EncodedCommit {
  readonly body: string;
  readonly messages: string | null;
  readonly added: number;
}

/** All of a commit that has no column of its own: the compiler names what is forgotten. */
type Rest = Record<Exclude<keyof SessionCommit, 'fence' | 'token' | 'messages'>, unknown>;

/** @throws HelixError `input_invalid` for what JSON cannot hold */
export function encodeCommit(commit: SessionCommit): EncodedCommit {
  const { v, at, run, head, messages, calls, waits, children, outbox, usage } = commit;
  const added = messages?.length ?? 0;
  const rest: Rest = { v, at, run, head, calls: closes(head) ? undefined : calls, waits, children, outbox, usage };
  return { body: encodeJson(rest), messages: messages && added > 0 ? encodeJson(messages) : null, added };
}

/** The ledger ends with its step, and the results stand in the messages: written twice, a large one would cost twice. */
function closes(head: SessionCommit['head']): boolean {
  return head?.step?.op === 'close';
}

/** What it weighs. */
export function charactersOf({ body, messages }: EncodedCommit): number {
  return body.length + (messages?.length ?? 0);
}

/** The record that a commit becomes when it lands on top of `fence.version` under `epoch`. */
export function recordOf(commit: SessionCommit, epoch: number): CommitRecord {
  return { ...commit, version: commit.fence.version + 1, epoch };
}

interface CommitRow {
  readonly version: number;
  readonly epoch: number;
  readonly token: string;
  readonly body: string;
  readonly messages: string | null;
}

export function decodeCommit({ version, epoch, token, body, messages }: CommitRow): CommitRecord {
  const stored = JSON.parse(body) as object;
  return upcast('commit', { ...stored, version, epoch, token, ...(messages && { messages: JSON.parse(messages) }) });
}
