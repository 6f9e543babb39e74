// Would catch: an owner that let go and removes the stream of a session that lives, leaves that of one that was deleted, or reads a
// whole session to learn what its head says.
import { expect, it, vi } from 'vitest';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { HeadRow } from '../../session/commit.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { removeLateStream } from './remove-late-stream.ts';

type Named = Pick<SessionSnapshot, 'sessionId' | 'streamId' | 'run'>;

const run = (runId: string) => ({ runId }) as NonNullable<SessionSnapshot['run']>;
const unnamed: Named = { sessionId: 's', run: run('run_1') };
const first: Named = { ...unnamed, streamId: 's.run_1' };
const second: Named = { sessionId: 's', streamId: 's.run_2', run: run('run_2') };
const laterTurnOf = (session: Named): Named => ({ ...session, run: run('run_3') });

it.each<[string, Named, Named | null, string[], 'head' | 'session']>([
  ['stays where its own run is there', first, first, [], 'head'],
  ['stays where its session is there, with a later run', first, laterTurnOf(first), [], 'session'],
  ['goes where its session was deleted', first, null, ['s.run_1'], 'head'],
  ['goes where another session was made under the id', first, second, ['s.run_1'], 'session'],
  [
    'stays where a former release wrote the snapshot, and left its name out',
    first,
    laterTurnOf(unnamed),
    [],
    'session',
  ],
  ['of a former release goes where its session was deleted', unnamed, null, ['s'], 'head'],
  ['of a former release stays where its own run is there', unnamed, unnamed, [], 'head'],
  [
    'of a former release stays where its session is there, with a later run',
    unnamed,
    laterTurnOf(unnamed),
    [],
    'session',
  ],
  ['of a former release stays where that of another session would go with it', unnamed, second, [], 'session'],
])('a stream %s', async (_, driven, now, removed, read) => {
  const deleteStream = vi.fn<(streamId: string) => Promise<void>>(() => Promise.resolve());
  const load = vi.fn<() => Promise<SessionSnapshot | null>>(async () => now as SessionSnapshot | null);
  const head = async () => now && ({ runId: now.run?.runId ?? null } as HeadRow);
  await removeLateStream({ store: { head, load }, streams: { deleteStream }, ports: resolvePorts() }, driven);
  expect(deleteStream.mock.calls.flat()).toEqual(removed);
  expect(load).toHaveBeenCalledTimes(read === 'session' ? 1 : 0);
});
