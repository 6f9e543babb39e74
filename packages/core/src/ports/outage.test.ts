// Would catch: an outage that fills the log, one that nobody is told of, and one of which nobody knows that it is over.
import { expect, it } from 'vitest';
import { HelixError } from '../errors/helix-error.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { resolvePorts } from './default-ports.ts';
import { Outage } from './outage.ts';

const away = new HelixError('state_store_unavailable', 'away');

function outage() {
  const clock = new FakeClock();
  const lines: unknown[] = [];
  const ports = resolvePorts({ clock, logger: { log: (...line) => void lines.push(line) } });
  return { clock, lines, outage: new Outage(ports, { begins: 'gone', ends: 'back' }, { sessionId: 's' }) };
}

it('is a line when it begins and one when it is over, however often it is tried, and so is the next', async () => {
  const { clock, lines, outage: store } = outage();
  store.answered();
  expect(lines).toEqual([]);
  for (let tries = 0; tries < 100; tries += 1) store.failed(away);
  await clock.advance(1_500);
  store.answered();
  store.answered();
  const told = [
    ['warn', 'gone', { sessionId: 's', error: away }],
    ['info', 'back', { sessionId: 's', afterMs: 1_500 }],
  ];
  expect(lines).toEqual(told);
  store.failed(away);
  store.answered();
  expect(lines.slice(2)).toEqual([told[0], ['info', 'back', { sessionId: 's', afterMs: 0 }]]);
});

it('whose failure becomes another one says so, and still counts from its beginning', async () => {
  const { clock, lines, outage: store } = outage();
  const noTables = new HelixError('state_schema_mismatch', 'there are no tables');
  store.failed(away);
  await clock.advance(1_000);
  store.failed(noTables);
  store.failed(noTables);
  await clock.advance(1_000);
  store.answered();
  expect(lines).toEqual([
    ['warn', 'gone', { sessionId: 's', error: away }],
    ['error', 'gone', { sessionId: 's', error: noTables }],
    ['info', 'back', { sessionId: 's', afterMs: 2_000 }],
  ]);
});
