// Would catch: a release that reads stored sessions differently than the one that wrote them.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  fold,
  foldCalls,
  foldInbox,
  supersededRun,
  upcast,
  type MessageRecord,
  type NewMessage,
  type SessionSnapshot,
} from '@helix-agents/core';
import { recordKinds } from './record-kinds.ts';

interface Delivered {
  /** The version that the session had when the entry came. */
  readonly afterVersion: number;
  readonly entry: unknown;
}

interface StoredSession {
  readonly commits: readonly unknown[];
  readonly inbox: readonly Delivered[];
  readonly messages: readonly unknown[];
  readonly snapshot: unknown;
  /** The runs that have ended, in their order. */
  readonly runs: readonly unknown[];
  /** Changes of calls that were kept by themselves after the last commit, and the open step with them. */
  readonly calls: { readonly changes: readonly unknown[]; readonly step: SessionSnapshot['step'] };
}

const folder = join(import.meta.dirname, 'v1');
const sessions = readdirSync(folder).map((name) => [name, readSession(join(folder, name))] as const);

describe.each(sessions)('version 1, %s', (_, stored) => {
  it('folds to the snapshot that the release had which wrote it', () => {
    expect(foldAll(stored).at(-1)).toEqual(upcast('snapshot', stored.snapshot));
  });

  it('goes on from its snapshot as from its commits', () => {
    const snapshots = foldAll(stored);
    const half = Math.floor(snapshots.length / 2);
    const frozen = upcast('snapshot', JSON.parse(JSON.stringify(snapshots[half - 1])));
    expect(foldAll(stored, frozen)).toEqual(snapshots.slice(half));
  });

  it('has the transcript that its commits say', () => {
    const said = stored.commits.flatMap((commit): readonly NewMessage[] => upcast('commit', commit).messages ?? []);
    const numbered = said.map((message, index): MessageRecord => ({ ...message, seq: index + 1 }));
    expect(stored.messages.map((message) => upcast('message', message))).toEqual(numbered);
  });
});

describe.each(sessions)('beside the commits of version 1, %s', (_, stored) => {
  const { snapshot, runs, calls } = stored;

  it('has the runs that its commits ended', () => {
    expect(runs.map((run) => upcast('run', run))).toEqual(endedRuns(stored));
  });

  it('goes on from calls that moved by themselves', () => {
    const changes = calls.changes.map((change) => upcast('call', change));
    expect(foldCalls(upcast('snapshot', snapshot), changes).step).toEqual(calls.step);
  });
});

describe('the fixtures', () => {
  const values = new Map<string, Set<unknown>>();
  for (const [, { commits, inbox }] of sessions) {
    for (const commit of commits) collect(commit, 'commit', values);
    for (const { entry } of inbox) collect(entry, 'inbox', values);
  }

  it.each(Object.entries(recordKinds))('have every %s', (pattern, kinds) => {
    const found = [...values].filter(([path]) => matches(path, pattern)).flatMap(([, seen]) => [...seen]);
    expect(found).toEqual(expect.arrayContaining([...kinds]));
  });
});

function readSession(path: string): StoredSession {
  const read = (name: string) => JSON.parse(readFileSync(join(path, `${name}.json`), 'utf8')) as unknown;
  return {
    commits: read('commits'),
    inbox: read('inbox'),
    messages: read('messages'),
    snapshot: read('snapshot'),
    runs: read('runs'),
    calls: read('calls'),
  } as StoredSession;
}

function endedRuns(stored: StoredSession): unknown[] {
  const snapshots = foldAll(stored);
  return stored.commits.flatMap((one, index) => {
    const commit = upcast('commit', one);
    const before = snapshots[index - 1];
    if (commit.run?.op === 'end') return [snapshots[index]?.run];
    return commit.run?.op === 'start' && commit.run.supersedes && before ? [supersededRun(before, commit)] : [];
  });
}

/** The snapshot after each commit, and what was delivered after it; from a snapshot on, where one is given. */
function foldAll({ commits, inbox }: StoredSession, from: SessionSnapshot | null = null): SessionSnapshot[] {
  let now = from;
  return commits.slice(from?.version ?? 0).map((stored) => {
    const commit = upcast('commit', stored);
    const delivered = inbox.filter(({ afterVersion }) => afterVersion === commit.version);
    now = foldInbox(
      fold(now, commit),
      delivered.map(({ entry }) => upcast('inbox', entry)),
    );
    return now;
  });
}

/** Every text in the record, by the path of its place; places in a list are `*`. */
function collect(value: unknown, path: string, values: Map<string, Set<unknown>>): void {
  if (typeof value === 'string') values.set(path, (values.get(path) ?? new Set()).add(value));
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    collect(member, `${path}.${Array.isArray(value) ? '*' : name}`, values);
  }
}

/** `**` stands for any number of places. */
function matches(path: string, pattern: string): boolean {
  const parts = pattern.split('.**.');
  return path.startsWith(parts[0] ?? '') && path.endsWith(parts.at(-1) ?? '') && (parts.length > 1 || path === pattern);
}
