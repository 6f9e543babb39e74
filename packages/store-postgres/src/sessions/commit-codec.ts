import { HelixError, upcast, type CommitRecord, type SessionCommit } from '@helix-agents/core';

/** A commit as its row holds it. Messages have a column of their own, so that the transcript is read without the rest. */
export interface EncodedCommit {
  readonly body: string;
  readonly messages: string | null;
  readonly added: number;
}

/** @throws HelixError `input_invalid` for what JSON cannot hold */
export function encodeCommit({ fence: _, token: __, messages, ...body }: SessionCommit): EncodedCommit {
  const added = messages?.length ?? 0;
  try {
    return { body: JSON.stringify(body), messages: added > 0 ? JSON.stringify(messages) : null, added };
  } catch (error) {
    throw HelixError.from(error, 'input_invalid');
  }
}

/** The record that a commit becomes when it lands on top of `fence.version` under `epoch`. */
export function recordOf({ fence, ...commit }: SessionCommit, epoch: number): CommitRecord {
  return { ...commit, version: fence.version + 1, epoch };
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
