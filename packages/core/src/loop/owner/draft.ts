import type { ChunkBody } from '../../session/chunk.ts';
import type { CommitRecord, HeadPatch, SessionCommit, StepChange } from '../../session/commit.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';

/** What of a commit says what happened. */
type CommitBody = Omit<SessionCommit, 'v' | 'token' | 'at' | 'fence'>;

/** A commit in the making: what happened, and what follows from it without a further effect. */
export interface Draft extends CommitBody {
  /** What goes to the stream before the commit, which stands for it. */
  readonly chunks?: readonly ChunkBody[];
  /** What waits for the landing: told to hooks that come after the end. */
  readonly afterwards?: readonly (() => Promise<void>)[];
}

export const emptyDraft: Draft = {};

export function isEmpty(draft: Draft): boolean {
  for (const key in draft) if (Object.hasOwn(draft, key)) return false;
  return true;
}

const lists = ['messages', 'calls', 'waits', 'children', 'outbox', 'usage', 'chunks', 'afterwards'] as const;

/** One draft after the other. Two changes of the run or the step never meet: decisions come one at a time. */
export function join(first: Draft, second: Draft): Draft {
  if (isEmpty(first)) return second;
  const joined: Writable<Draft> = { ...first };
  if (second.run) joined.run = second.run;
  if (second.head) joined.head = first.head ? joinHeads(first.head, second.head) : second.head;
  for (const key of lists) if (second[key]) append(joined, key, second[key]);
  return joined;
}

function append<Key extends (typeof lists)[number]>(
  draft: { [K in Key]?: readonly unknown[] },
  key: Key,
  more: readonly unknown[],
): void {
  const before = draft[key];
  draft[key] = before ? [...before, ...more] : more;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function joinHeads(first: HeadPatch, second: HeadPatch): HeadPatch {
  const state = [...(first.state ?? []), ...(second.state ?? [])];
  const consumes = [...(first.consumes ?? []), ...(second.consumes ?? [])];
  const step = joinSteps(first.step, second.step);
  return {
    ...first,
    ...second,
    ...(state.length > 0 && { state }),
    ...(consumes.length > 0 && { consumes }),
    ...(step && { step }),
  };
}

/** A reply none of whose calls has an effect is opened and closed in one commit. */
function joinSteps(first: StepChange | undefined, second: StepChange | undefined): StepChange | undefined {
  if (first?.op === 'reply' && second?.op === 'close') return { ...first, calls: [], verdict: second.verdict };
  return second ?? first;
}

/** The record that a draft would leave on top of a session, to see what would follow. */
export function asRecord(session: SessionSnapshot, draft: Draft, token: string, at: number): CommitRecord {
  return withBody({ v: 1 as const, token, at, version: session.version + 1, epoch: session.epoch }, draft);
}

/** The same as an owner's commit. The inbox is pinned where the run stops being worked on, or an entry of it is dealt with. */
export function asCommit(session: SessionSnapshot, record: CommitRecord, boundary: boolean): SessionCommit {
  const { version, epoch, lastToken, inbox } = session;
  const fence = { as: 'owner', epoch, version, lastToken, ...(boundary && { inbox }) } as const;
  return withBody({ v: 1 as const, token: record.token, at: record.at, fence }, record);
}

/** Written out: this is done five times a step, and taking an object apart by a rest costs ten times as much. */
function withBody<T extends object>(made: T, body: CommitBody): T & CommitBody {
  const commit: T & Writable<CommitBody> = made;
  if (body.run) commit.run = body.run;
  if (body.head) commit.head = body.head;
  if (body.messages) commit.messages = body.messages;
  if (body.calls) commit.calls = body.calls;
  if (body.waits) commit.waits = body.waits;
  if (body.children) commit.children = body.children;
  if (body.outbox) commit.outbox = body.outbox;
  if (body.usage) commit.usage = body.usage;
  return commit;
}
