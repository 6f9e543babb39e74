// Would catch: an owner that takes a session which was deleted, and made anew under its id, for its own, as far as it is by now.
import { expect, it } from 'vitest';
import { defineAgent } from '../../agent/define-agent.ts';
import { withoutTypes } from '../../agent/without-types.ts';
import type { LLMAdapter } from '../../contracts/llm-adapter.ts';
import type { SessionStateStore } from '../../contracts/session-state-store.ts';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { Owner } from './owner.ts';

const agent = withoutTypes(defineAgent({ name: 'a', systemPrompt: '' }));

/** Of the same age: its epoch, its version and its inbox are those of the one before. */
function sessionOf(runId: string, parts: Partial<SessionSnapshot> = {}): SessionSnapshot {
  const run = { runId, phase: { at: 'running', holderId: 'h' } };
  const age = { epoch: 1, version: 2, inbox: 0, unread: [], step: null, streamSequence: 0 };
  return { sessionId: 's', ...age, lastToken: `token of ${runId}`, run, ...parts } as unknown as SessionSnapshot;
}

function ownerOf(session: SessionSnapshot, stored: SessionSnapshot): Owner {
  const head = { epoch: session.epoch, runId: session.run?.runId, inbox: 1 };
  const store = { load: async () => stored, head: async () => head } as unknown as SessionStateStore;
  const lease = { isEnding: false, mayStartEffect: () => true, untilSafe: async () => {}, holds: () => {} };
  const chunks = {
    sequence: 0,
    flushed: true,
    sure: undefined,
    stands: () => {},
    write: () => {},
    flush: async () => {},
  };
  return new Owner(session, { agent, store, llm: {} as LLMAdapter, ports: resolvePorts(), chunks, lease });
}

it('goes on with what was written to its session, and not with another session of its id', async () => {
  const ours = sessionOf('run-1');
  const written = { ...ours, inbox: 1 };
  const same = ownerOf(ours, written);
  await same.reload();
  expect(same.session).toBe(written);
  const other = ownerOf(ours, sessionOf('run-2', { inbox: 1 }));
  await expect(other.reload()).rejects.toMatchObject({ code: 'state_lease_lost' });
  expect(other.session).toBe(ours);
});

it('sees no time before that of its session, which another clock may have written', () => {
  const session = sessionOf('run-1', { updatedAt: Date.now() + 60_000 });
  expect(ownerOf(session, session).now).toBe(session.updatedAt);
  const before = Date.now();
  expect(ownerOf(session, session).now).toBeGreaterThan(before);
  expect(ownerOf(sessionOf('run-1', { updatedAt: 5 }), session).now).toBeGreaterThanOrEqual(before);
});

it('is not stopped by the stop of another session of its id, which was made since it looked at the head', async () => {
  const item = { kind: 'stop', runId: 'run-2', stop: 'abort', at: 1 } as const;
  const stopped = sessionOf('run-2', { inbox: 1, unread: [{ v: 1, seq: 1, item }] });
  const owner = ownerOf(sessionOf('run-1'), stopped);
  await owner.look();
  expect(owner.isCut).toBe(false);
  expect(owner.session.run?.runId).toBe('run-1');
});
