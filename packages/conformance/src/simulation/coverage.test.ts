/** Catches: a kind of world that cannot happen any more, and nobody hears of it. */
import { expect, it } from 'vitest';
import { Coverage } from './coverage.ts';
import { decisionKinds } from './decision-kinds.ts';
import { faultKinds } from './faults.ts';
import { rarePairs } from './rare-pairs.ts';

/** A coverage that reached every pair but these. */
function allBut(...missing: readonly string[]): Coverage {
  const reached = new Coverage();
  for (const kind of decisionKinds) {
    for (const fault of faultKinds) if (!missing.includes(`${kind} × ${fault}`)) reached.fault(fault);
    reached.decided([kind]);
  }
  return reached;
}

it('lacks nothing where every pair was reached', () => {
  expect(allBut().lacks).toEqual([]);
});

it('lacks a pair that was never reached, by its name', () => {
  expect(allBut('dispatch × crash', 'entry × pause').lacks).toEqual(['entry × pause', 'dispatch × crash']);
});

it('lacks no pair that is known to be rare', () => {
  expect(allBut(...Object.keys(rarePairs)).lacks).toEqual([]);
});

it('lacks a kind that was never reached, also where it is in rare pairs only', () => {
  const { lacks } = new Coverage();
  expect(lacks).toEqual(expect.arrayContaining([...decisionKinds, ...faultKinds]));
});

it('the rare pairs are pairs', () => {
  const pairs = decisionKinds.flatMap((kind) => faultKinds.map((fault) => `${kind} × ${fault}`));
  expect(pairs).toEqual(expect.arrayContaining(Object.keys(rarePairs)));
});

it('what the core promises to withstand is among the faults, and all that it decides among the decisions', () => {
  const lost = ['lost-request', 'lost-reply', 'repeated', 'crash', 'pause', 'clock-jump'];
  expect(faultKinds).toEqual(expect.arrayContaining([...lost, 'interrupt', 'abort', 'message', 'answer', 'execute']));
  const decided = decisionKinds.map((kind) => kind.split(':')[0]);
  expect(decided).toEqual(expect.arrayContaining(['end', 'reconcile', 'fold', 'dispatch', 'call-model', 'park']));
});
