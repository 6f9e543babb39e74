// Would catch: a seed that replays another world than it did when it was noted down.
import { expect, it } from 'vitest';
import { resolvePorts } from '../ports/default-ports.ts';
import { Chance } from './chance.ts';

const choices = (chance: Chance) => Array.from({ length: 5 }, () => chance.between(1, 6));

it('a seed makes the same choices for ever, another one makes others', () => {
  expect(choices(new Chance(7))).toEqual([1, 3, 6, 6, 2]);
  expect(choices(new Chance(8))).not.toEqual(choices(new Chance(7)));
});

it('what a fork chooses does not disturb whom it was forked from', () => {
  const [quiet, busy] = [new Chance(7), new Chance(7)];
  quiet.fork();
  choices(busy.fork());
  expect(choices(busy)).toEqual(choices(quiet));
});

it('serves as the randomness of a runtime: its ids are foreseen', () => {
  const clock = { ...resolvePorts().clock, now: () => 0 };
  const id = () => resolvePorts({ clock, random: new Chance(7) }).ids.next('run');
  expect(id()).toBe(id());
});
