// Would catch: a commit that lands twice or is given up too early, a store in trouble that is asked twenty times a second.
import { expect, it, vi } from 'vitest';
import { HelixError } from '../../errors/helix-error.ts';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { CommitOutcome, SessionCommit } from '../../session/commit.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import type { Owner } from '../owner/owner.ts';
import { writeCommit } from './write-commit.ts';

const landed: CommitOutcome = { landed: true, version: 2, epoch: 1, inbox: 0 };
const unknown: CommitOutcome = { landed: 'unknown', cause: 'no answer' };
const commit = { v: 1, token: 'cmt_1' } as SessionCommit;

function ownerWith(answer: () => Promise<CommitOutcome>, untilSafe = async () => {}) {
  const clock = new FakeClock();
  const asked: [at: number, token: string][] = [];
  const store = {
    commit: (_: string, given: SessionCommit) => {
      asked.push([clock.monotonic(), given.token]);
      return answer();
    },
  };
  const lines: unknown[] = [];
  const logger = { log: (...line: unknown[]) => void lines.push(line) };
  const parts = { store, ports: resolvePorts({ clock, logger }), lease: { untilSafe } };
  const owner = { session: { sessionId: 's' }, parts, reached: vi.fn<(boundary: string) => void>() };
  return { owner, clock, asked, lines, writing: writeCommit(owner as unknown as Owner, commit, 'reply') };
}

it('a commit of which nobody knows what became is repeated as it is, ever less often', async () => {
  let answers = 0;
  const { owner, clock, asked, lines, writing } = ownerWith(async () => ((answers += 1) < 9 ? unknown : landed));
  await clock.advance(10_000);
  expect(await writing).toBe(landed);
  expect(asked.map(([at]) => at)).toEqual([0, 50, 150, 350, 750, 1_550, 3_150, 5_150, 7_150]);
  expect(new Set(asked.map(([, token]) => token))).toEqual(new Set(['cmt_1']));
  expect(owner.reached.mock.calls.flat()).toEqual(['reply-commit:before', 'reply-commit:after']);
  const of = { sessionId: 's', purpose: 'reply' };
  expect(lines).toEqual([
    ['warn', 'the outcome of a commit is not known; asking again', { ...of, error: 'no answer' }],
    ['info', 'the outcome of the commit is known', { ...of, afterMs: 7_150 }],
  ]);
});

it.each(['state_store_unavailable', 'state_store_denied'] as const)(
  'a store that answers %s for now is one that does not know',
  async (code) => {
    let answers = 0;
    const away = new HelixError(code, 'away');
    const { clock, writing } = ownerWith(async () => ((answers += 1) < 2 ? Promise.reject(away) : landed));
    await clock.advance(50);
    expect(await writing).toBe(landed);
  },
);

it('data that the store refuses is refused at once', async () => {
  const { asked, writing } = ownerWith(() => Promise.reject(new HelixError('input_invalid', 'a lone surrogate')));
  await expect(writing).rejects.toMatchObject({ code: 'input_invalid' });
  expect(asked).toHaveLength(1);
});

it('nothing is repeated once the lease has ended', async () => {
  const { asked, writing } = ownerWith(
    async () => unknown,
    () => Promise.reject(new HelixError('state_lease_lost', 'ended')),
  );
  expect(await writing).toBe(unknown);
  expect(asked).toHaveLength(1);
});
