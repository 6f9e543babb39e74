// Would catch: an owner that let go and removes the stream of a session that lives, or leaves that of one that was deleted.
import { expect, it, vi } from 'vitest';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { removeLateStream } from './remove-late-stream.ts';

type Named = Pick<SessionSnapshot, 'sessionId' | 'streamId'>;

const unnamed: Named = { sessionId: 's' };
const first: Named = { sessionId: 's', streamId: 's.run_1' };
const second: Named = { sessionId: 's', streamId: 's.run_2' };

it.each<[string, Named, Named | null, string[]]>([
  ['stays where its session is there', first, first, []],
  ['goes where its session was deleted', first, null, ['s.run_1']],
  ['goes where another session was made under the id', first, second, ['s.run_1']],
  ['stays where a former release wrote the snapshot, and left its name out', first, unnamed, []],
  ['of a former release goes where its session was deleted', unnamed, null, ['s']],
  ['of a former release stays where its session is there', unnamed, unnamed, []],
  ['of a former release stays where that of another session would go with it', unnamed, second, []],
])('a stream %s', async (_, driven, now, removed) => {
  const deleteStream = vi.fn<(streamId: string) => Promise<void>>(() => Promise.resolve());
  const store = { load: async () => now as SessionSnapshot | null };
  await removeLateStream({ store, streams: { deleteStream }, ports: resolvePorts() }, driven);
  expect(deleteStream.mock.calls.flat()).toEqual(removed);
});
