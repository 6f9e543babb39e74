// Would catch: a timer of a step that is over, whose write ends the process or writes in the name of another run.
import { expect, it } from 'vitest';
import type { CallChange } from '../../session/call.ts';
import { FakeClock } from '../../testing/index.ts';
import type { Owner } from '../owner/owner.ts';
import { EarlySettler } from './early-settler.ts';

const change: CallChange = { callId: 'c', state: { at: 'settled', result: null } };

const usage = [{ v: 1, kind: 'custom', runId: 'r', step: 1, name: 'pages', data: 3, at: 1 } as const];

function settler() {
  const written: unknown[] = [];
  const clock = new FakeClock();
  const store = {
    durability: 'commit',
    settleCalls: (sessionId: string, of: unknown, changes: unknown) => void written.push([sessionId, of, changes]),
  };
  const owner = {
    session: { sessionId: 's', epoch: 2 },
    run: { runId: 'r' },
    parts: { store, ports: { clock, logger: { log: () => {} } } },
    reached: () => {},
  };
  return { owner, clock, written, early: new EarlySettler(owner as unknown as Owner, 3) };
}

it('writes what a call came to and what it used, for the run and epoch that sent it, also when that run is over', async () => {
  const { owner, clock, written, early } = settler();
  early.settled(change, usage);
  Object.defineProperty(owner, 'run', {
    get: () => {
      throw new Error('there is no live run');
    },
  });
  owner.session = { sessionId: 's', epoch: 3 };
  await clock.advance(10);
  expect(written).toEqual([['s', { runId: 'r', epoch: 2 }, [{ ...change, usage }]]]);
});

it('writes together what ends together, and by itself what ends later', async () => {
  const { clock, written, early } = settler();
  const other = { ...change, callId: 'd' };
  early.settled(change, []);
  await clock.advance(10);
  early.settled(other, []);
  await clock.advance(10);
  const of = { runId: 'r', epoch: 2 };
  expect(written).toEqual([
    ['s', of, [{ ...change, usage: [] }]],
    ['s', of, [{ ...other, usage: [] }]],
  ]);
});

it('writes nothing after the end, whoever ends later', async () => {
  const { clock, written, early } = settler();
  early.settled(change, []);
  early.end();
  early.settled(change, []);
  await clock.advance(10);
  expect(written).toEqual([]);
});
