// Would catch: a session that is driven twice because of what was read while it was driven; one that is driven after a close; one
// that nobody drives because many look after it.
import { expect, it } from 'vitest';
import type { Agent } from '../../agent/agent.ts';
import type { LLMAdapter } from '../../contracts/llm-adapter.ts';
import type { SessionStateStore } from '../../contracts/session-state-store.ts';
import { resolvePorts } from '../../ports/default-ports.ts';
import type { RunPhase } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { SessionHost } from './session-host.ts';

const agent = { name: 'a' } as Agent;

const ended = { at: 'ended', outcome: 'completed', reason: 'done', endedAt: 0 } as unknown as RunPhase;

function sessionOf(holderId: string, epoch: number): SessionSnapshot {
  const phase = { at: 'running', holderId };
  return { sessionId: 's', epoch, version: epoch, run: { runId: 'run', phase } } as unknown as SessionSnapshot;
}

/** A host of one session, whose store tells after 50 ms, or as late as is said, how it stood when it was asked. */
function makeHost(...lateMs: number[]) {
  const clock = new FakeClock();
  const drives: number[] = [];
  const stored: { session: SessionSnapshot | null } = { session: null };
  const store: Partial<SessionStateStore> = {
    durability: 'commit',
    openHolder: async () => {},
    renewHolder: async () => true,
    closeHolder: async () => {},
    load: async () => {
      const { session } = stored;
      await clock.sleep(lateMs.shift() ?? 50);
      return session;
    },
    claim: async () => {
      await clock.sleep(50);
      return { claimed: false, reason: 'owned' };
    },
  };
  const parts = { store: store as SessionStateStore, ports: resolvePorts({ clock }), llm: {} as LLMAdapter };
  const host = new SessionHost('js', parts, async (_, session) => {
    drives.push(session.epoch);
    await clock.sleep(20 * session.epoch);
    const { run } = session;
    const left = { ...session, run: run && { ...run, phase: ended } };
    stored.session = left;
    return { left };
  });
  return { clock, drives, host, stored };
}

it('a session is driven once, however often it is told that it is ours', async () => {
  const { clock, drives, host } = makeHost();
  await host.underLease(async (lease) => {
    host.drive(agent, sessionOf(lease.holderId, 1), lease);
    host.drive(agent, sessionOf(lease.holderId, 1), lease);
    await clock.advance(1_000);
  });
  expect(drives).toEqual([1]);
});

it('a session that is driven anew as its drive ends is not driven again for what was read meanwhile', async () => {
  const { clock, drives, host, stored } = makeHost();
  await host.underLease(async (lease) => {
    host.drive(agent, sessionOf(lease.holderId, 1), lease);
    void host.untilLeft('s')?.finally(() => {
      stored.session = sessionOf(lease.holderId, 2);
      host.drive(agent, stored.session, lease);
    });
    host.driveOnceHeld(agent, 's', lease);
    await clock.advance(70_000);
  });
  expect(drives).toEqual([1, 2]);
});

it('a session that two find to be ours is driven once, also where the second is told of it once that is over', async () => {
  const { clock, drives, host, stored } = makeHost(50, 500);
  await host.underLease(async (lease) => {
    stored.session = sessionOf(lease.holderId, 1);
    host.driveOnceHeld(agent, 's', lease);
    host.driveOnceHeld(agent, 's', lease);
    await clock.advance(70_000);
  });
  expect(drives).toEqual([1]);
});

it.each(['driveOnceHeld', 'driveIfHeld'] as const)(
  'what %s reads while the host closes is driven no more',
  async (way) => {
    const { clock, drives, host, stored } = makeHost();
    await host.underLease(async (lease) => {
      stored.session = sessionOf(lease.holderId, 1);
      void host[way](agent, 's', lease);
    });
    await clock.advance(20);
    await host.close();
    await clock.advance(70_000);
    expect(drives).toEqual([]);
    expect(clock.pending).toBe(0);
  },
);

it('a session that is ours, and driven by nobody, is found by the many who wait for it', async () => {
  const { clock, drives, host, stored } = makeHost();
  await host.underLease(async (lease) => void (stored.session = sessionOf(lease.holderId, 1)));
  const waitsFor = async (pauseMs: number) => {
    await clock.sleep(pauseMs);
    while (drives.length === 0) {
      await host.lookAfter(agent, 's');
      await clock.sleep(1_000);
    }
  };
  const waiting = Array.from({ length: 30 }, (_, index) => waitsFor(index * 33));
  await clock.advance(5_000);
  await Promise.all(waiting);
  expect(drives).toEqual([1]);
});

it('what a late answer gave to a lease that has ended is not driven, nor in place of what is driven now', async () => {
  const { clock, drives, host, stored } = makeHost();
  await host.underLease(async (former) => {
    await host.close();
    await host.underLease(async (lease) => {
      stored.session = sessionOf(lease.holderId, 2);
      host.drive(agent, stored.session, lease);
      host.drive(agent, sessionOf(former.holderId, 1), former);
      expect(await host.driveIfHeld(agent, 's', lease)).toBe(false);
      await clock.advance(1_000);
    });
  });
  expect(drives).toEqual([2]);
});

it('a drive of a session that was deleted, which begins late and is soon over, leaves that which was made anew driven', async () => {
  const { clock, drives, host, stored } = makeHost();
  await host.underLease(async (lease) => {
    stored.session = sessionOf(lease.holderId, 5);
    host.drive(agent, stored.session, lease);
    host.drive(agent, sessionOf(lease.holderId, 1), lease);
    await clock.advance(50);
    expect(host.isDriving('s')).toBe(true);
    expect(await host.driveIfHeld(agent, 's', lease)).toBe(false);
    await clock.advance(1_000);
  });
  expect(drives).toEqual([5, 1]);
  expect(host.isDriving('s')).toBe(false);
});

it('a drive that breaks off, and that nobody waits for, does not end the process', async () => {
  const said: string[] = [];
  const logger = { log: (_: string, message: string) => void said.push(message) };
  const { clock, host } = makeHost();
  const broken = new SessionHost('js', { ...host.parts, ports: resolvePorts({ clock, logger }) }, async () => {
    throw new Error('the stream manager fails');
  });
  await broken.underLease(async (lease) => broken.drive(agent, sessionOf(lease.holderId, 1), lease));
  await clock.advance(10);
  expect(said).toEqual(['a drive broke off']);
  expect(broken.isDriving('s')).toBe(false);
  await broken.close();
});
